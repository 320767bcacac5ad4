// A job as it goes: rows come with the events that the server sends. Nothing is asked for while it measures.
const data = JSON.parse(document.getElementById("data").textContent);
const body = document.querySelector("#live tbody");
const progress = document.getElementById("progress");
const count = document.getElementById("count");
const now = document.getElementById("now");
const words = data.words;
// What the server wrote in English signs, in the reader's.
const number = (text) => (data.comma && text
  ? text.replace(/(\d)([.,])(\d)/g, (_, a, sign, b) => a + (sign === "." ? "," : ".") + b) : text);
let total = Number(progress.max);
let contest = Number(progress.value);

const cell = (row, text, kind = "td", left = false) => {
  const element = document.createElement(kind);
  if (kind === "th") element.scope = "row";
  if (left) element.className = "l";
  element.textContent = text;
  row.append(element);
};

const show = () => {
  progress.max = total;
  progress.value = contest;
  count.textContent = `${contest}/${total}`;
};

const receive = {
  began: (event) => { total = event.total; show(); },
  contest: (event) => {
    contest = event.index;
    show();
    const row = document.createElement("tr");
    row.className = "group";
    cell(row, event.title, "th");
    body.append(row);
  },
  sampled: (event) => {
    const left = event.secondsLeft === undefined ? "" : ` · ${words["about %1 s left"].replace("%1", event.secondsLeft)}`;
    const time = event.time ? ` · ${number(event.time)}` : "";
    now.textContent = `${event.variant}: ${words["%1 samples so far"].replace("%1", event.samples)}${time}${left}`;
  },
  measured: (event) => {
    const row = document.createElement("tr");
    if (event.status === "skipped") row.className = "muted";
    else if (event.status !== "verified") row.className = "bad";
    cell(row, event.variant, "th");
    for (const text of [event.time, event.rate, event.roofShare]) cell(row, number(text) ?? "–");
    cell(row, event.reason ?? words[event.status] ?? event.status, "td", true);
    body.append(row);
  },
  kept: () => {},
};

if (data.running) {
  const source = new EventSource(`${data.events}?after=${data.after}`);
  source.addEventListener("run", (message) => {
    const event = JSON.parse(message.data);
    receive[event.event]?.(event);
  });
  source.addEventListener("ended", () => {
    source.close();
    // The page as it is when a job has ended: with its run, and without the button that cancels.
    location.reload();
  });
  source.addEventListener("error", () => { now.textContent = words["The connection was lost; trying again."]; });
  addEventListener("pagehide", () => source.close());
}
