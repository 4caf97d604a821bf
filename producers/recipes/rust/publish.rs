//! Publish events to Presently, each confirmed: one JSON object a line, such as
//! `{"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}`

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::io::{BufRead, stdin};
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;
const CONFIRM: Duration = Duration::from_secs(5);

/// Join plain words to a document id: `["page", "a/b"]` is `page.a%2Fb`.
fn document_id(words: &[&str]) -> String {
    let mut encoded: Vec<String> = words.iter().map(|word| encode(word)).collect();
    if let Some(key) = encoded.last_mut().filter(|key| *key == "~") {
        *key = "%7E".into(); // page.~ is the list of page
    }
    encoded.join(".")
}

fn encode(word: &str) -> String {
    let encode = |byte: u8| match byte {
        b if is_plain(b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    word.bytes().map(encode).collect()
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_~-".contains(&byte)
}

/// 2 to 5 words of 1 to 80 characters, `%XX` being one, at most 200 bytes in all.
fn is_document(id: &str) -> bool {
    let words: Vec<Option<usize>> = id.split('.').map(characters).collect();
    let good = |word: &Option<usize>| word.is_some_and(|length| (1..=80).contains(&length));
    (2..=5).contains(&words.len()) && id.len() <= 200 && words.iter().all(good)
}

fn characters(word: &str) -> Option<usize> {
    let hex = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
    let (mut rest, mut count) = (word.as_bytes(), 0);
    while !rest.is_empty() {
        rest = match rest {
            [b'%', high, low, rest @ ..] if hex(high) && hex(low) => rest,
            [plain, rest @ ..] if is_plain(*plain) => rest,
            _ => return None,
        };
        count += 1;
    }
    Some(count)
}

fn routing_key(document: &str) -> String {
    format!(
        ":{:02}.{document}",
        crc32fast::hash(document.as_bytes()) % 16
    )
}

/// The event (a `CloudEvent`) of a line; repeating an event under the same id is harmless.
fn event_of(mut line: Map<String, Value>) -> Outcome<Map<String, Value>> {
    let subject = match line.remove("document") {
        Some(Value::String(id)) => id,
        Some(Value::Array(words)) => {
            document_id(&words.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        }
        _ => return Err("no document".into()),
    };
    if !is_document(&subject) {
        return Err(format!("no document id: {subject}").into());
    }
    let mut event = Map::new();
    event.insert("specversion".into(), json!("1.0"));
    event.insert("id".into(), json!(uuid::Uuid::new_v4().to_string()));
    event.insert("source".into(), json!("/recipes/rust"));
    event.extend(line);
    event.insert("subject".into(), json!(subject));
    Ok(event)
}

async fn publish(channel: &Channel, event: Map<String, Value>) -> Outcome<()> {
    let (id, subject) = (event["id"].clone(), event["subject"].clone());
    let key = routing_key(subject.as_str().unwrap_or_default());
    let properties = BasicProperties::default()
        .with_content_type("application/cloudevents+json".into())
        .with_delivery_mode(2);
    let body = serde_json::to_vec(&event)?;
    let options = BasicPublishOptions::default();
    let sent = channel.basic_publish(
        "hub.in".into(),
        key.as_str().into(),
        options,
        &body,
        properties,
    );
    // Many at once? Keep what the first await gives, and await the confirms after all of them.
    let confirmed = tokio::time::timeout(CONFIRM, async { sent.await?.await }).await??;
    if !confirmed.is_ack() {
        return Err(format!("the broker does not take {id}").into());
    }
    println!("{} {key}", id.as_str().unwrap_or_default());
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let url = std::env::var("PRESENTLY_URL")?;
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    for line in stdin().lock().lines() {
        publish(&channel, event_of(serde_json::from_str(&line?)?)?).await?;
    }
    connection.close(200, "done".into()).await?;
    Ok(())
}
