"use strict";
// Frostnet: the dashboard. It asks /api/live every second, and for the tables less often.

const SECONDS = 120;
const LIVE_MS = 1000;
const TABLES_MS = 3000;
const TIMEOUT_MS = 5000;
const $ = (id) => document.getElementById(id);

async function get(path) {
  const answer = await fetch("/api/" + path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(path + ": " + answer.status);
  return answer.json();
}

// Numbers for people

function bytes(n) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) { n /= 1000; i++; }
  return (i && n < 100 ? n.toFixed(1) : Math.round(n)) + " " + units[i];
}

const rate = (n) => bytes(n) + "/s";
const ms = (n) => n == null ? "–" : n.toFixed(n < 1 ? 3 : n < 100 ? 1 : 0) + " ms";

function span(s) {
  s = Math.floor(s);
  const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  const clock = [h, m, s % 60].map((x) => String(x).padStart(2, "0")).join(":");
  return (d ? d + " d " : "") + clock;
}

// Graphs

class Graph {
  // lines: names of CSS colours; text: how a value reads; least: the scale's least upper end
  constructor(id, lines, text, least) {
    this.canvas = $(id);
    this.lines = lines;
    this.text = text;
    this.least = least;
    this.points = [];  // [time, value, …], null where there is none
  }

  add(time, ...values) {
    this.points.push([time, ...values]);
    while (this.points[0][0] < time - SECONDS) this.points.shift();
  }

  draw(now) {
    const ratio = window.devicePixelRatio || 1;
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight;
    if (this.canvas.width !== Math.round(w * ratio)) {
      this.canvas.width = Math.round(w * ratio);
      this.canvas.height = Math.round(h * ratio);
    }
    const g = this.canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue("--" + name).trim();
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, w, h);
    let top = this.least;
    for (const p of this.points) for (const v of p.slice(1)) if (v > top) top = v;
    top = nice(top);
    const foot = 16, x = (t) => w * (1 - (now - t) / SECONDS);
    const y = (v) => (h - foot) * (1 - v / top / 1.05);
    g.font = "11px system-ui, sans-serif";
    g.fillStyle = color("dim");
    g.strokeStyle = color("line");
    g.lineWidth = 1;
    for (let i = 0; i <= 2; i++) {
      const at = Math.round(y(top * i / 2)) + .5;
      g.beginPath(); g.moveTo(0, at); g.lineTo(w, at); g.stroke();
      if (i) g.fillText(this.text(top * i / 2), 2, at + 12);
    }
    for (let s = 30; s < SECONDS; s += 30) g.fillText("−" + s + " s", x(now - s) - 14, h - 3);
    this.lines.forEach((name, i) => this.line(g, x, y, i + 1, color(name), h - foot));
  }

  line(g, x, y, i, color, floor) {
    let begun = null, last = null;
    const close = () => {
      if (begun === null) return;
      g.stroke();
      g.lineTo(last, floor); g.lineTo(begun, floor); g.closePath();
      g.globalAlpha = .12; g.fill(); g.globalAlpha = 1;
      begun = null;
    };
    g.strokeStyle = g.fillStyle = color;
    g.lineWidth = 1.6;
    for (const p of this.points) {
      if (p[i] == null) { close(); continue; }
      const px = x(p[0]), py = y(p[i]);
      if (begun === null) { begun = px; g.beginPath(); g.moveTo(px, py); } else g.lineTo(px, py);
      last = px;
    }
    close();
  }
}

function nice(n) {
  const step = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 5, 10].find((k) => k * step >= n) * step;
}

const graphs = {
  throughput: new Graph("throughput", ["rx", "tx"], rate, 10000),
  roundtrip: new Graph("roundtrip", ["rtt"], ms, .1),
  heap: new Graph("heap", ["heap"], bytes, 1000000),
};

// Tables: all text goes in as text

function element(tag, text, kind) {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (kind) e.className = kind;
  return e;
}

// columns: [head, how to get the text, "n" for a number, how to get a part of 1 for a bar]
function table(id, rows, columns, none) {
  const head = element("tr");
  for (const [title, , kind] of columns) head.append(element("th", title, kind));
  const out = [head];
  for (const row of rows) {
    const tr = element("tr");
    for (const [, value, kind, part] of columns) {
      const td = element("td", value(row), kind);
      if (part) {
        td.classList.add("bar");
        td.style.setProperty("--part", Math.min(100, 100 * part(row)) + "%");
      }
      tr.append(td);
    }
    out.push(tr);
  }
  if (!rows.length) {
    const td = element("td", none, "none");
    td.colSpan = columns.length;
    const tr = element("tr");
    tr.append(td);
    out.push(tr);
  }
  $(id).replaceChildren(...out);
}

function showStatus(s) {
  $("name").textContent = s.name;
  $("version").textContent = s.version.replace(/^.*?; /, "");
  table("interfaces", s.interfaces, [
    ["", (i) => i.name],
    ["address", (i) => i.address ? i.address + "/" + i.prefix : "–"],
    ["gateway", (i) => i.gateway || "–"],
    ["hardware", (i) => i.mac],
    ["MTU", (i) => i.mtu, "n"],
    ["DHCP", (i) => i.dhcp || "–"],
  ], "no card");
  table("services", Object.entries(s.services), [
    ["", ([name]) => name],
    ["port", ([, v]) => v.port, "n"],
    ["clients", ([, v]) => v.counters.accepted ?? v.counters.received ?? "", "n"],
    ["received", ([, v]) => bytes(v.counters.received || 0), "n"],
    ["sent", ([, v]) => bytes(v.counters.sent || 0), "n"],
    ["late", ([, v]) => v.counters.late || 0, "n"],
    ["failed", ([, v]) => v.counters.failed || 0, "n"],
  ], "none");
}

function showConnections(c) {
  $("count").textContent = c.total + (c.total > c.connections.length ? ", first shown" : "");
  const most = Math.max(1, ...c.connections.map((x) => Math.max(x.send_window, x.recv_window)));
  table("connections", c.connections, [
    ["local", (x) => x.local],
    ["remote", (x) => x.remote],
    ["state", (x) => x.state],
    ["unread", (x) => bytes(x.recv_queue), "n"],
    ["unsent", (x) => bytes(x.send_queue), "n"],
    ["in flight", (x) => bytes(x.in_flight), "n"],
    ["cwnd", (x) => x.cwnd == null ? "–" : bytes(x.cwnd), "n"],
    ["ssthresh", (x) => x.ssthresh == null ? "–" : bytes(x.ssthresh), "n"],
    ["their window", (x) => bytes(x.send_window), "n", (x) => x.send_window / most],
    ["our window", (x) => bytes(x.recv_window), "n", (x) => x.recv_window / most],
    ["RTT", (x) => ms(x.rtt), "n"],
    ["RTO", (x) => ms(x.rto), "n"],
  ], "no connection");
}

function showCounters(groups) {
  const out = [];
  for (const [group, counts] of Object.entries(groups)) {
    const rows = Object.entries(counts).filter(([name, n]) =>
      n && (!$("drops").checked || name.includes("drop"))).sort();
    if (!rows.length) continue;
    out.push(element("h3", group));
    for (const [name, n] of rows) {
      const row = element("div", undefined, name.includes("drop") ? "drop" : "");
      row.append(element("span", name), element("span", n.toLocaleString("en")));
      out.push(row);
    }
  }
  $("counters").replaceChildren(...out);
}

const tables = [
  ["status", showStatus],
  ["connections", showConnections],
  ["arp", (a) => table("arp", a.neighbours, [
    ["address", (n) => n.address],
    ["hardware", (n) => n.mac || "–"],
    ["", (n) => n.interface],
    ["state", (n) => n.state],
    ["heard", (n) => n.age == null ? "–" : Math.round(n.age) + " s ago", "n"],
  ], "nobody")],
  ["dns", (d) => table("dns", d.names, [
    ["name", (n) => n.name],
    ["", (n) => n.error ? "error " + n.error : n.results.join(", ")],
    ["left", (n) => Math.round(n.left) + " s", "n"],
  ], "no name was looked up")],
  ["counters", showCounters],
];

// Two loops, which wait while nobody looks at the page

let before = null;

async function live() {
  const now = await get("live");
  const seconds = before && now.t - before.t;
  if (seconds > 0 && now.rx >= before.rx) {
    const rx = (now.rx - before.rx) / seconds, tx = (now.tx - before.tx) / seconds;
    graphs.throughput.add(now.t, rx, tx);
    $("rx").textContent = rate(rx);
    $("tx").textContent = rate(tx);
  } else if (seconds) {
    for (const graph of Object.values(graphs)) graph.points = [];  // the board has been reset
  }
  before = now;
  graphs.roundtrip.add(now.t, now.rtt);
  graphs.heap.add(now.t, now.memory.used);
  $("rtt").textContent = ms(now.rtt);
  $("memory").textContent = bytes(now.memory.used) + " of " + bytes(now.memory.used + now.memory.free);
  $("uptime").textContent = "up " + span(now.t);
  const up = now.link.length > 0 && now.link.every(Boolean);
  $("link").textContent = up ? "link up" : "link down";
  $("link").className = "pill " + (up ? "up" : "down");
  for (const graph of Object.values(graphs)) graph.draw(now.t);
}

async function showTables() {
  for (const [name, show] of tables) show(await get(name));
}

async function repeat(work, pause) {
  for (;;) {
    const next = new Promise((go) => setTimeout(go, pause));
    if (!document.hidden) {
      try {
        await work();
        $("state").textContent = "";
        $("state").className = "";
      } catch (error) {
        $("state").textContent = "The board does not answer (" + error.message + ").";
        $("state").className = "lost";
      }
    }
    await next;
  }
}

repeat(live, LIVE_MS);
repeat(showTables, TABLES_MS);
