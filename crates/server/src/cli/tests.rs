use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
#[command(name = "delt")]
struct Cli {
    #[command(subcommand)]
    command: ClientCommand,
}

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn the_definitions_are_sound() {
    <Cli as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn what_the_guide_shows_is_understood() {
    for line in [
        "delt register entries.ndjson --system ejournal-midtjylland",
        "delt record 0201609996 --as gp",
        "delt record 020160-9996 --as kard --break-glass acute --json",
        "delt record urn:x|17 --type 39289-4 --class 001 --event 1.2|X --from 2026-01-01 --status superseded --kind on-demand",
        "delt fetch f70b0e43-039c-5137-86db-502396582007 --patient 0201609996 -o x.xml --as gp",
        "delt send letter.xml --to 5790009900405",
        "delt inbox",
        "delt ack m-1",
        "delt ack m-1 --refuse 37 --text unknown",
        "delt consent list 0201609996",
        "delt consent --as 0201609996 block 0201609996 --organisation 990031000016002",
        "delt consent permit 0201609996 --professional 9RK1H --to 2027-01-01",
        "delt consent end 0201609996 c-1",
        "delt consent import consent.json --dry-run",
        "delt relation add 0201609996 --kind gp-list --organisation 990401000016001",
        "delt relation end 0201609996 r-1",
        "delt relation list 0201609996 --all",
        "delt delegate helper 0506889996 --as gp --right read-record --right identify-patient --to 2027-01-01",
        "delt delegate list --all --as sekr",
        "delt delegate end d-1 --as gp",
        "delt represent grant 0505209996 --representative 2911829996 --kind custody",
        "delt represent grant 0201609996 --representative 0201609995 --type 39289-4 --right see-accesses --to 2027-01-01",
        "delt represent list 0505209996 --system personregister --json",
        "delt represent end 0201609996 r-1",
        "delt patient demographics 0506889996 --family-name Mosebrygersen --address Birkevej-4",
        "delt patient demographics 0506889996",
        "delt quality permit 9RK1H --organisation 990031000016002 --reference KVAL-17 --to 2027-01-01",
        "delt quality list --organisation 990031000016002 --all",
        "delt quality end q-1 --organisation 990031000016002",
        "delt record 0201609996 --as kard --break-glass acute --citizen-lifts-block",
        "delt record 0201609996 --as kard --purpose BTG",
        "delt notifications 0201609996 --after n-1 --language da",
        "delt review list --kind break-glass --open --after 3",
        "delt review show 4 --as auditor",
        "delt review list --state proposed --kind many-patients --json",
        "delt review take 4",
        "delt review assign 4 --to kollega-2 --revision 1",
        "delt review release 4 --as auditor",
        "delt review comment 4 --revision 2 Ringet-til-afdelingen",
        "delt review decide 4 justified --because Indlagt --revision 3",
        "delt review sample draw --organisation 990031000016002 --from 2026-10-01 --to 2026-11-01 --seed 11-17-23-28 --size 20",
        "delt review sample verify --sample s.json --export log.ndjson --key log+1+x",
        "delt review samples --limit 5",
        "delt review report --organisation 990031000016002 --from 2026-10-01 --to 2026-11-01 --html -o rapport.html",
        "delt audit search --patient 0201609996 --only-break-glass --outcome denied",
        "delt audit show e-1 --as auditor",
        "delt audit export -o log.ndjson",
        "delt audit verify log.ndjson --key log+1+x --checkpoint a --checkpoint b",
        "delt audit checkpoint --json",
        "delt audit accesses 0201609996",
        "delt token gp --lifetime 60",
        "delt token sosu/gp",
        "delt explain 0201609996 --role laege --organisation 990031000016002 --professional 9RK1H",
        "delt inbox --address https://hub:7443 --ca a --cert b --key c --token-file t",
    ] {
        if let Err(error) = parse(line) {
            panic!("{line}\n{error}");
        }
    }
}

#[test]
fn bad_usage_is_refused() {
    for line in [
        "delt record",
        "delt record 0201609996 --as kard --citizen-lifts-block",
        "delt record 02016099",
        "delt record 0201609996 --token x --token-file y",
        "delt record 0201609996 --as gp --token x",
        "delt record 0201609996 --as gp --purpose TREAT --break-glass acute",
        "delt record 0201609996 --from yesterday",
        "delt record 0201609996 --status withdrawn",
        "delt fetch f70b",
        "delt ack m-1 --refuse 37",
        "delt inbox --max 0",
        "delt relation add 0201609996 --kind friend --organisation 1",
        "delt delegate helper 0506889996 --right break-glass",
        "delt represent grant 0505209996 --kind custody",
        "delt quality permit 9RK1H --organisation 1 --reference x",
        "delt audit verify log.ndjson",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn no_secret_and_no_person_is_in_a_debug_form() {
    let parsed = parse("delt record 0201609996 --token s3cret").unwrap();
    let parsed = format!("{parsed:?}");
    assert!(
        !parsed.contains("s3cret") && !parsed.contains("0201609996"),
        "{parsed}"
    );
    let who = format!("{:?}", parse("delt inbox --as 0201609996").unwrap());
    assert!(!who.contains("0201609996"));
}

#[tokio::test]
async fn without_a_profile_the_way_out_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("none");
    let line = format!(
        "delt record 0201609996 --as gp --data-dir {}",
        dir.display()
    );
    let failure = perform(&line, &Environment::default()).await.unwrap_err();
    assert!(failure.text().contains("delt serve"), "{}", failure.text());
    assert!(!dir.exists(), "a client command makes no profile");
}

#[tokio::test]
async fn flags_that_belong_together_are_asked_for_together() {
    let failure = perform("delt inbox --ca a.pem", &Environment::default())
        .await
        .unwrap_err();
    assert_eq!(failure.report(), ExitCode::from(2));
    let environment = Environment {
        ca_file: Some("a.pem".into()),
        ..Default::default()
    };
    assert!(
        perform("delt inbox", &environment)
            .await
            .unwrap_err()
            .text()
            .contains("--cert")
    );
}

#[tokio::test]
async fn somebody_must_ask() {
    let (folder, line) = profile("delt record 0201609996");
    let failure = perform(&line, &Environment::default()).await.unwrap_err();
    assert!(failure.text().contains("--as"), "{}", failure.text());
    drop(folder);
}

#[tokio::test]
async fn a_hub_that_is_away_is_said_in_one_line() {
    let (folder, line) = profile("delt consent list 0201609996 --address 127.0.0.1:1");
    let failure = perform(&line, &Environment::default()).await.unwrap_err();
    assert!(
        failure
            .text()
            .starts_with("delt: the hub cannot be reached: "),
        "{}",
        failure.text()
    );
    assert!(!failure.text().contains("0201609996"));
    assert_eq!(failure.report(), ExitCode::from(1));
    drop(folder);
}

#[tokio::test]
async fn a_token_needs_no_hub() {
    let (folder, line) = profile("delt token 0201609996 --json");
    assert!(matches!(
        perform(&line, &Environment::default()).await,
        Ok(Done::All)
    ));
    let (_, line) = (&folder, line.replace("--json", "--lifetime 3601"));
    assert!(perform(&line, &Environment::default()).await.is_err());
}

async fn perform(line: &str, environment: &Environment) -> Outcome {
    let around = Surroundings::of(environment);
    Box::pin(parse(line).unwrap().command.perform(&around)).await
}

/// A development profile, and the command with it.
fn profile(line: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data");
    let environment = Environment::default();
    let around = Surroundings::of(&environment);
    crate::profile::Profile::open_or_create(&dir, around.now(), &around.entropy).unwrap();
    let line = format!("{line} --data-dir {}", dir.display());
    (folder, line)
}
