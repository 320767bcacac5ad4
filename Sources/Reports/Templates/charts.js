"use strict";
// What all three pictures share. Text that stands for a number is never made in these scripts: it comes with the
// numbers in #data, or is read from the row of the results table that the same measurement has (#m<number>).
const data = JSON.parse(document.getElementById("data").textContent);
const shapes = { reference: "rect", simd: "circle", fused: "triangle", blas: "rectRot" };
const rowHeight = 44;

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const palette = () => Object.fromEntries(
  ["surface", "ink", "quiet", "line", "line-strong", "reference", "simd", "fused", "blas", "sans"]
    .map((name) => [name, token(name)]));
const faded = (color) => `${color}${color.length === 7 ? "66" : ""}`;

// The results table has a row for every series: its texts are what the charts say.
const rows = data.series.map((series) => document.getElementById(`m${series.i}`));
const cell = (place, column) => rows[place].cells[data.columns[column]].textContent.trim();
const kindOf = (place) => cell(place, "kind");
const problemOf = (place) => rows[place].closest("tbody").querySelector("b").textContent;
// As the table's head names it: that may be in another language.
const titleOf = (place, column) => rows[place].closest("table").tHead.rows[0].cells[data.columns[column]].textContent;
const texts = (place) => Object.keys(data.columns)
  .filter((column) => column !== "variant" && column !== "kind")
  .sort((a, b) => data.columns[a] - data.columns[b])
  .map((column) => [column, cell(place, column), titleOf(place, column)])
  .filter(([, text]) => text !== "–")
  .map(([column, text, title]) => `${title}: ${text}`);

/// What a row of a chart is called: in an overview the problem, else the variant.
const nameOf = (view, place) => (view.group === undefined ? problemOf(place) : cell(place, "variant"));

/// `text` shortened in its middle until it is at most `width` wide.
const fitted = (context, text, width) => {
  if (context.measureText(text).width <= width) return text;
  let keep = text.length - 1;
  while (keep > 2) {
    const head = Math.ceil(keep / 2);
    const short = `${text.slice(0, head)}…${text.slice(text.length - (keep - head))}`;
    if (context.measureText(short).width <= width) return short;
    keep -= 1;
  }
  return "…";
};

const axis = (spec, colors, extra = {}) => ({
  min: spec.min,
  max: spec.max,
  title: { display: true, text: spec.title, color: colors.quiet, font: { size: 12 } },
  grid: { color: colors.line, borderColor: colors["line-strong"], tickColor: colors.line },
  afterBuildTicks: (scale) => { scale.ticks = spec.ticks.map((tick) => ({ value: tick.v })); },
  ticks: {
    color: colors.quiet, autoSkip: true, autoSkipPadding: 10, maxRotation: 0, font: { size: 11 },
    callback: (value) => {
      const tick = spec.ticks.find((each) => Math.abs(each.v - value) <= Math.abs(each.v) * 1e-6 + 1e-12);
      return tick ? tick.t : "";
    },
  },
  ...extra,
});

const lanes = (count) => ({
  type: "linear", min: -0.5, max: count - 0.4, reverse: true, display: false,
});

const tooltip = (colors, callbacks) => ({
  backgroundColor: colors.ink, titleColor: colors.surface, bodyColor: colors.surface, displayColors: false,
  padding: 10, cornerRadius: 6, callbacks,
});

const common = (colors, plugins) => ({
  responsive: true, maintainAspectRatio: false, animation: false,
  interaction: { mode: "nearest", intersect: true },
  plugins: { legend: { display: false }, ...plugins },
});

/// A name at the left and a text at the right above each row, so that names cost the picture no width.
const rowLabels = (labels, colors) => ({
  id: "rowLabels",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.textBaseline = "alphabetic";
    const write = (text, x, y, color) => {
      const room = ctx.measureText(text).width;
      ctx.fillStyle = colors.surface;
      ctx.fillRect((ctx.textAlign === "right" ? x - room : x) - 2, y - 11, room + 4, 14);
      ctx.fillStyle = color;
      ctx.fillText(text, x, y);
    };
    const bold = `600 12px ${colors.sans}`;
    const plain = `12px ${colors.sans}`;
    const width = chartArea.right - chartArea.left;
    labels.forEach((label, lane) => {
      const y = scales.y.getPixelForValue(lane) - 5;
      ctx.font = bold;
      const nameWidth = ctx.measureText(label.name).width;
      ctx.font = plain;
      const text = nameWidth + ctx.measureText(label.text).width + 12 > width && label.short ? label.short : label.text;
      ctx.textAlign = "right";
      write(text, chartArea.right, y, colors.quiet);
      const room = width - ctx.measureText(text).width - 12;
      ctx.textAlign = "left";
      ctx.font = bold;
      write(fitted(ctx, label.name, room), chartArea.left, y, colors.ink);
    });
    ctx.restore();
  },
});
