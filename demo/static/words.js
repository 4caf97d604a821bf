/**
 * Pure: what a page says about people and times, in words. Colour is never the only sign.
 *
 * @module
 * @typedef {import('/presently/index.js').User} User
 * @typedef {import('/presently/index.js').Presence} Presence
 */

const FIELDS = { title: "the title", body: "the text", status: "the status" };

/**
 * One line for a list: `edited by Leela, read by Fry`, or `free`.
 *
 * @param {Presence | undefined} presence   none: nobody is there
 * @param {string} me                       this user is called "you", and comes last
 */
export function inList(presence, me) {
  if (!presence) return "free";
  const { counts } = presence;
  const said = [
    ["edited by", "editing", counts.editing],
    ["read by", "reading", counts.reading],
  ].map(([verb, mode, count]) => {
    const names = namesOf(inMode(presence.users, mode), count, me);
    return names && `${verb} ${names}`;
  });
  return said.filter(Boolean).join(", ") || "free";
}

/**
 * A sentence for a document's own page, about the others: `Fry is editing the title. Amy is
 * reading.`
 *
 * @param {Presence} presence
 */
export function onPage(presence) {
  const others = presence.others;
  const said = inMode(others, "editing").map((user) => {
    const field = FIELDS[user.state?.field];
    return `${user.name} is editing${field ? ` ${field}` : ""}.`;
  });
  const readers = inMode(others, "reading");
  if (readers.length) {
    const verb = readers.length > 1 ? "are" : "is";
    said.push(`${namesOf(readers, readers.length, "")} ${verb} reading.`);
  }
  return said.join(" ") || "Only you are here.";
}

/**
 * Whose turn it is to edit, and what a click would do about it.
 *
 * @typedef {object} Turn
 * @property {'mine' | 'free' | 'theirs' | 'elsewhere'} whose   elsewhere: another window of mine
 * @property {string} name     of whoever's it is, or was last
 * @property {boolean} typed   the form has text that is not saved
 *
 * @param {Turn} turn
 * @returns {{words: string, take?: string}}
 */
export function onTurn({ whose, name, typed }) {
  const kept = typed ? " What you have typed stays here." : "";
  switch (whose) {
    case "theirs":
      return typed
        ? { words: `It is ${name}’s turn to edit now. You can save when ${name} is done.${kept}` }
        : { words: `It is ${name}’s turn to edit. Until ${name} is done you can read along here.` };
    case "elsewhere":
      return { words: `You are editing this in another window.${kept}`, take: "Edit here" };
    case "free":
      return { words: `${name} is done.${kept}`, take: "Edit now" };
    default:
      return { words: "" };
  }
}

/**
 * `1 person here`, `2 people here`.
 *
 * @param {Presence} presence
 */
export function howMany({ counts }) {
  const people = counts.reading + counts.editing;
  return `${people} ${people === 1 ? "person" : "people"} here`;
}

/**
 * `Fry, Leela and 3 more`. The list may be shorter than the count.
 *
 * @param {readonly User[]} users
 * @param {number} count
 * @param {string} me
 */
function namesOf(users, count, me) {
  const mine = users.filter((user) => user.id === me);
  const names = users.filter((user) => user.id !== me).map((user) => user.name);
  names.sort((a, b) => a.localeCompare(b));
  if (mine.length) names.push("you");
  if (count > users.length) names.push(`${count - users.length} more`);
  return inSentence(names);
}

/** @param {string[]} names */
function inSentence(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** @param {readonly User[]} users  @param {string} mode */
function inMode(users, mode) {
  return users.filter((user) => user.mode === mode);
}

const STEPS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/**
 * `just now`, `3 minutes ago`, `yesterday`.
 *
 * @param {Date} then
 * @param {Date} now
 */
export function ago(then, now) {
  const seconds = (now.getTime() - then.getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (seconds >= length) {
      const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
      return relative.format(-Math.floor(seconds / length), unit);
    }
  }
  return "just now";
}
