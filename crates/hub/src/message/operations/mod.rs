//! What can be asked of messages.

mod acknowledge;
mod get;
mod list;
mod receive;
mod send;

pub use acknowledge::{AcknowledgeMessage, Refusal};
pub use get::{GetMessage, MessageTrail};
pub use list::{ListMessages, MessagePage};
pub use receive::{ReceiveMessages, Received};
pub use send::{SendMessage, Sent};
