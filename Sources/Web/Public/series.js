// The course of a series: a point for each run with its interval, the level between two steps. The numbers, already in
// their unit, and all texts come with the page; the table below has them too.
const data = JSON.parse(document.getElementById("data").textContent);
const figure = document.getElementById("series");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const intervals = (colors) => ({
  id: "intervals",
  beforeDatasetsDraw({ ctx, scales }) {
    ctx.save();
    ctx.strokeStyle = colors.line;
    ctx.lineWidth = 1.5;
    data.points.forEach((point, place) => {
      const x = scales.x.getPixelForValue(place);
      ctx.beginPath();
      ctx.moveTo(x, scales.y.getPixelForValue(point.low));
      ctx.lineTo(x, scales.y.getPixelForValue(point.high));
      ctx.stroke();
    });
    ctx.restore();
  },
});

let chart;
const draw = () => {
  if (typeof Chart === "undefined" || data.points.length === 0) {
    figure.hidden = true;
    return;
  }
  chart?.destroy();
  const colors = { ink: token("ink"), quiet: token("quiet"), line: token("line-strong"), grid: token("line"), accent: token("accent"), level: token("fused") };
  const number = new Intl.NumberFormat(data.language, { maximumSignificantDigits: 5 });
  const values = data.points.flatMap((point) => [point.low, point.high]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max((high - low) * 0.1, high * 0.02);
  const jump = (event, hits) => {
    const hit = hits.find((each) => each.datasetIndex === 0);
    if (hit) location.href = data.points[hit.index].href;
  };
  chart = new Chart(figure.querySelector("canvas"), {
    type: "scatter",
    data: {
      datasets: [
        {
          data: data.points.map((point, place) => ({ x: place, y: point.median })), pointRadius: 4, pointHoverRadius: 6,
          backgroundColor: colors.accent, borderColor: token("surface"), borderWidth: 1,
        },
        ...data.levels.map((level) => ({
          type: "line", data: [{ x: level.from - 0.4, y: level.value }, { x: level.to + 0.4, y: level.value }],
          borderColor: colors.level, borderWidth: 2, pointRadius: 0, pointHitRadius: 0,
        })),
      ],
    },
    options: {
      responsive: true, maintainAspectRatio: false, animation: false, onClick: jump,
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: false, backgroundColor: colors.ink, titleColor: token("surface"), bodyColor: token("surface"),
          filter: (item) => item.datasetIndex === 0,
          callbacks: {
            title: (items) => items.map((item) => data.points[item.dataIndex].title),
            label: (item) => data.points[item.dataIndex].text,
          },
        },
      },
      scales: {
        x: {
          min: -0.6, max: data.points.length - 0.4, grid: { color: colors.grid },
          ticks: {
            color: colors.quiet, maxRotation: 0, autoSkip: true, autoSkipPadding: 24, stepSize: 1,
            callback: (value) => (Number.isInteger(value) ? data.points[value]?.day : "") ?? "",
          },
        },
        y: {
          min: Math.max(0, low - room), max: high + room, grid: { color: colors.grid },
          title: { display: true, text: data.axis, color: colors.quiet },
          ticks: { color: colors.quiet, includeBounds: false, callback: (value) => number.format(value) },
        },
      },
    },
    plugins: [intervals(colors)],
  });
};

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
