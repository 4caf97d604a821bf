//! Hear who connects, what they do, who is at which document, and what happens there.
//! Arguments: topic patterns of documents, such as `article.#`

use futures_lite::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, Consumer};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a browser's connection does: schemas/messages.py.
fn client(message: &rmpv::Value) {
    let (connection, user) = (text(message, "connection"), text(message, "user"));
    match text(message, "kind") {
        "connect" => println!("connect {connection} {user}"),
        "disconnect" => println!("disconnect {connection} {}", text(message, "cause")),
        "acts" => {
            let document = text(message, "document");
            for act in message["acts"].as_array().into_iter().flatten() {
                let (connection, kind) = (text(act, "connection"), text(act, "kind"));
                if !connection.is_empty() {
                    // else the gateway itself asks
                    println!("receive {connection} {document} {kind}");
                }
            }
        }
        _ => {} // a newer gateway's
    }
}

fn text<'a>(map: &'a rmpv::Value, name: &str) -> &'a str {
    map[name].as_str().unwrap_or_default()
}

/// What everybody at a document is told: docs/protocol.md.
fn document(frame: &Value, here: &mut HashMap<String, BTreeSet<String>>) {
    let document = frame["document"].as_str().unwrap_or_default();
    match frame["type"].as_str() {
        Some("event") => println!(
            "event {document} {}",
            frame["event"]["type"].as_str().unwrap_or("?")
        ),
        Some("presence") => presence(document, frame, here.entry(document.into()).or_default()),
        _ => {} // a reset: fetch the document anew
    }
}

fn presence(document: &str, frame: &Value, here: &mut BTreeSet<String>) {
    let full = frame["full"].as_bool() == Some(true);
    let mut now = if full { BTreeSet::new() } else { here.clone() };
    now.extend(strings(&frame["users"], |user| user["id"].as_str()));
    for id in strings(&frame["left"], Value::as_str) {
        now.remove(&id);
    }
    now.difference(here)
        .for_each(|user| println!("joined {document} {user}"));
    here.difference(&now)
        .for_each(|user| println!("left {document} {user}"));
    *here = now;
}

fn strings(list: &Value, one: fn(&Value) -> Option<&str>) -> Vec<String> {
    let values = list.as_array().map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(one).map(String::from).collect()
}

async fn consume(channel: &Channel) -> Outcome<Consumer> {
    let mut classic = FieldTable::default();
    classic.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("classic".into()),
    );
    let exclusive = QueueDeclareOptions {
        exclusive: true,
        ..Default::default()
    };
    let queue = channel
        .queue_declare("".into(), exclusive, classic)
        .await?
        .name()
        .clone();
    let clients = ["connect.#", "receive.#", "disconnect.#"].map(|key| ("hub.clients", key.into()));
    let documents = std::env::args().skip(1).map(|key| ("hub.events", key));
    for (exchange, key) in clients.into_iter().chain(documents) {
        let (key, options) = (key.as_str().into(), QueueBindOptions::default());
        channel
            .queue_bind(
                queue.clone(),
                exchange.into(),
                key,
                options,
                FieldTable::default(),
            )
            .await?;
    }
    channel.basic_qos(256, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    Ok(channel
        .basic_consume(queue, "".into(), options, FieldTable::default())
        .await?)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let url = std::env::var("PRESENTLY_URL")?;
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let mut consumer = consume(&channel).await?;
    println!("listening");
    let mut here = HashMap::new();
    while let Some(delivery) = consumer.next().await {
        let delivery = delivery?;
        if delivery.exchange.as_str() == "hub.clients" {
            client(&rmpv::decode::read_value(&mut delivery.data.as_slice())?);
        } else {
            document(&serde_json::from_slice(&delivery.data)?, &mut here);
        }
        delivery.ack(BasicAckOptions::default()).await?;
    }
    Err("the broker ended it".into())
}
