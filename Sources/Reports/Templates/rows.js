// Speed-ups and samples: a row for each variant, its name and its numbers above it.
/// The interval of each bar, and the line at one.
const whiskers = (bars, colors) => ({
  id: "whiskers",
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const x = scales.x.getPixelForValue(1);
    ctx.save();
    ctx.strokeStyle = colors.quiet;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, chartArea.top);
    ctx.lineTo(x, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
  afterDatasetsDraw({ ctx, scales }) {
    ctx.save();
    ctx.strokeStyle = colors.ink;
    ctx.lineWidth = 1.5;
    bars.forEach((bar, place) => {
      const y = scales.y.getPixelForValue(place) + 10;
      const [low, high] = [bar.low, bar.high].map((value) => scales.x.getPixelForValue(value));
      ctx.beginPath();
      ctx.moveTo(low, y);
      ctx.lineTo(high, y);
      for (const end of [low, high]) {
        ctx.moveTo(end, y - 4);
        ctx.lineTo(end, y + 4);
      }
      ctx.stroke();
    });
    ctx.restore();
  },
});

/// The bars themselves, from one to the ratio: below the row's label, which a bar of Chart.js would cover.
const bodies = (bars, colors) => ({
  id: "bodies",
  beforeDatasetsDraw({ ctx, scales }) {
    ctx.save();
    bars.forEach((bar, place) => {
      const y = scales.y.getPixelForValue(place) + 10;
      const [one, end] = [1, bar.ratio].map((value) => scales.x.getPixelForValue(value));
      ctx.fillStyle = faded(colors[kindOf(bar.place)] || colors.ink);
      ctx.fillRect(Math.min(one, end), y - 6, Math.abs(end - one), 12);
    });
    ctx.restore();
  },
});

const speedup = (view, colors) => {
  if (!view.against) return undefined;
  const column = view.against === "blas" ? "vs BLAS" : "vs reference";
  const bars = view.members.filter((place) => data.series[place][view.against]).map((place) => {
    const [ratio, low, high] = data.series[place][view.against];
    return { place, ratio, low, high, label: nameOf(view, place), text: cell(place, column) };
  });
  const shown = (bar) => colors[kindOf(bar.place)] || colors.ink;
  return {
    height: () => bars.length * rowHeight + 64,
    config: {
      type: "scatter",
      data: {
        datasets: [{
          data: bars.map((bar, lane) => ({ x: bar.ratio, y: lane + 10 / rowHeight, bar })),
          pointStyle: bars.map((bar) => shapes[kindOf(bar.place)] || "circle"),
          pointRadius: 5, pointHoverRadius: 7, pointHitRadius: 8,
          backgroundColor: bars.map(shown), borderColor: colors.surface,
        }],
      },
      options: {
        ...common(colors, {
          tooltip: tooltip(colors, {
            title: (items) => items.map((item) => item.raw.bar.label),
            label: (item) => texts(item.raw.bar.place),
          }),
        }),
        scales: { x: axis(data.axes[view.speedup], colors, { type: "logarithmic" }), y: lanes(bars.length) },
      },
      plugins: [
        bodies(bars, colors), whiskers(bars, colors),
        rowLabels(bars.map((bar) => ({ name: bar.label, text: bar.text })), colors),
      ],
    },
  };
};

/// Dots of one row, apart from each other by their order alone: the same picture at every drawing.
const dots = (strip, lane, spec) => data.series[strip.place].samples.map((sample, order) => ({
  x: Math.max(spec.min, Math.min(spec.max, sample)),
  y: lane + (10 + ((order * 0.618034) % 1 - 0.5) * 15) / rowHeight,
  outside: sample < spec.min || sample > spec.max,
  strip,
}));

const medians = (strips, colors) => ({
  id: "medians",
  afterDatasetsDraw({ ctx, scales }) {
    ctx.save();
    strips.forEach((strip, lane) => {
      const series = data.series[strip.place];
      const y = scales.y.getPixelForValue(lane) + 10;
      const [low, high] = [series.low, series.high]
        .map((value) => scales.x.getPixelForValue(Math.max(scales.x.min, Math.min(scales.x.max, value))));
      const center = scales.x.getPixelForValue(0);
      ctx.fillStyle = faded(colors.ink);
      ctx.fillRect(low, y - 3, Math.max(1, high - low), 6);
      ctx.fillStyle = colors.ink;
      ctx.fillRect(center - 1, y - 9, 2, 18);
    });
    ctx.restore();
  },
});

const spread = (view, colors) => {
  if (view.spread === undefined) return undefined;
  const spec = data.axes[view.spread];
  const strips = view.members.map((place) => ({
    place, label: nameOf(view, place), beyond: view.beyond[place] || "",
    text: `${cell(place, "median")}, ${data.series[place].count}`,
  }));
  return {
    height: () => strips.length * rowHeight + 64,
    config: {
      type: "scatter",
      data: {
        datasets: strips.map((strip, lane) => {
          const points = dots(strip, lane, spec);
          const color = colors[kindOf(strip.place)] || colors.ink;
          return {
            data: points, backgroundColor: points.map((point) => (point.outside ? "transparent" : faded(color))),
            borderColor: points.map((point) => (point.outside ? color : "transparent")), borderWidth: 1.5,
            pointRadius: 3, pointHoverRadius: 5, pointHitRadius: 4,
          };
        }),
      },
      options: {
        ...common(colors, {
          tooltip: tooltip(colors, {
            title: (items) => items.slice(0, 1).map((item) => item.raw.strip.label),
            label: (item) => [item.raw.strip.text, item.raw.strip.beyond].filter(Boolean),
          }),
        }),
        layout: { padding: { left: 4, right: 4 } },
        scales: { x: axis(spec, colors, { type: "linear" }), y: lanes(strips.length) },
      },
      plugins: [
        medians(strips, colors),
        rowLabels(strips.map((strip) => ({
          name: strip.label, text: strip.beyond || strip.text, short: strip.beyond || cell(strip.place, "median"),
        })), colors),
      ],
    },
  };
};
