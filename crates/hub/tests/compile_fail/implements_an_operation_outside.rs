//! The set of operations is closed: what makes one cannot be named outside the hub.

struct Mine;

impl delt_hub::operation::sealed::Sealed for Mine {} //~ E0603 module `sealed` is private

fn main() {}
