// The roofline: roofs measured in the run, a point for each variant, names where there is room.
const boxesMeet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/// Names along the roofs and beside the points. A name that would lie on another is moved, or left to the tooltip.
const rooflineLabels = (spec, points, stacked, colors) => ({
  id: "rooflineLabels",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea, scales } = chart;
    const at = (x, y) => [scales.x.getPixelForValue(x), scales.y.getPixelForValue(y)];
    const taken = points.map((point) => {
      const [x, y] = at(point.x, point.y);
      return { left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 };
    });
    ctx.save();
    ctx.font = `600 11px ${colors.sans}`;
    ctx.textBaseline = "middle";
    const write = (point, left, y, text) => {
      const width = ctx.measureText(text).width;
      ctx.lineWidth = 4;
      ctx.strokeStyle = colors.surface;
      ctx.lineJoin = "round";
      ctx.textAlign = "left";
      ctx.strokeText(text, left, y);
      ctx.fillStyle = colors[kindOf(point.place)] || colors.ink;
      ctx.fillText(text, left, y);
      taken.push({ left: left - 4, right: left + width + 4, top: y - 7, bottom: y + 7 });
    };
    if (stacked) {
      // All points have one problem's operations per byte: their names make a column beside them.
      const names = points.map((point) => ({ point, at: at(point.x, point.y) })).sort((a, b) => a.at[1] - b.at[1]);
      const step = 14;
      const onRight = names.length === 0 || names[0].at[0] < (chartArea.left + chartArea.right) / 2;
      const room = onRight ? chartArea.right - names[0]?.at[0] - 26 : names[0]?.at[0] - chartArea.left - 26;
      // From the top down, each at least a line below the one before; then from the bottom up, back into the picture.
      names.forEach((name, place) => {
        name.y = Math.max(name.at[1], place ? names[place - 1].y + step : chartArea.top + step);
      });
      for (let place = names.length - 1; place >= 0; place -= 1) {
        const limit = place === names.length - 1 ? chartArea.bottom - step : names[place + 1].y - step;
        names[place].y = Math.min(names[place].y, limit);
      }
      for (const name of names) {
        const text = fitted(ctx, name.point.label, Math.min(room, 220));
        const x = name.at[0] + (onRight ? 20 : -20);
        ctx.strokeStyle = colors["line-strong"];
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(name.at[0] + (onRight ? 7 : -7), name.at[1]);
        ctx.lineTo(x + (onRight ? -3 : 3), name.y);
        ctx.stroke();
        write(name.point, onRight ? x : x - ctx.measureText(text).width, name.y, text);
      }
    } else if (chartArea.right - chartArea.left > 560) {
      for (const point of points) {
        const [x, y] = at(point.x, point.y);
        const width = ctx.measureText(point.label).width;
        const spot = [[x - width / 2, y + 17], [x - width / 2, y - 17], [x + 11, y], [x - 11 - width, y]]
          .find(([left, middle]) => {
            const box = { left: left - 2, right: left + width + 2, top: middle - 7, bottom: middle + 7 };
            return box.left > chartArea.left && box.right < chartArea.right && box.bottom < chartArea.bottom
              && !taken.some((other) => boxesMeet(box, other));
          });
        if (spot) write(point, spot[0], spot[1], point.label);
      }
    }
    ctx.font = `11px ${colors.sans}`;
    ctx.fillStyle = colors.quiet;
    ctx.strokeStyle = colors.surface;
    ctx.lineWidth = 4;
    for (const roof of spec.roofs) {
      const from = at(...roof.from);
      const to = at(...roof.to);
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
      const text = roof.name;
      const width = ctx.measureText(text).width;
      const isFlat = roof.kind === "compute";
      const spots = isFlat ? [length - width - 6, (length - width) / 2, 6] : [12, length / 3, length / 2];
      const spot = spots.find((offset) => {
        // A flat roof's name may begin left of its corner; a slanted one's stays on its line.
        if (offset + width > length || (!isFlat && offset < 4)) return false;
        const boxes = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => {
          const along = offset + share * width;
          const x = from[0] + Math.cos(angle) * along + Math.sin(angle) * 8;
          const y = from[1] + Math.sin(angle) * along - Math.cos(angle) * 8;
          return { left: x - 7, right: x + 7, top: y - 6, bottom: y + 6 };
        });
        const inside = boxes.every((box) => box.top > chartArea.top - 10 && box.left > chartArea.left - 6
          && box.right < chartArea.right + 8);
        if (!inside || boxes.some((box) => taken.some((other) => boxesMeet(box, other)))) return false;
        taken.push(...boxes);
        return true;
      });
      if (spot === undefined) continue;
      ctx.save();
      ctx.translate(...from);
      ctx.rotate(angle);
      ctx.textAlign = "left";
      ctx.strokeText(text, spot, -8);
      ctx.fillText(text, spot, -8);
      ctx.restore();
    }
    ctx.restore();
  },
});

const roofline = (view, colors) => {
  const spec = data.rooflines[view.roofline];
  const isOverview = view.group === undefined;
  const points = view.members.filter((place) => data.series[place].x !== undefined).map((place) => ({
    x: data.series[place].x, y: data.series[place].y, place,
    label: nameOf(view, place),
  }));
  const roofs = spec.roofs.map((roof) => ({
    type: "line", label: roof.name,
    data: [{ x: roof.from[0], y: roof.from[1] }, { x: roof.to[0], y: roof.to[1] }],
    borderColor: roof.kind === "compute" ? colors.quiet : colors["line-strong"], borderWidth: 1.5, pointRadius: 0,
    pointHitRadius: 0, pointHoverRadius: 0, order: 2,
  }));
  const kinds = [...new Set(points.map((point) => kindOf(point.place)))];
  const dots = kinds.map((kind) => ({
    type: "scatter", label: kind, order: 1,
    data: points.filter((point) => kindOf(point.place) === kind),
    pointStyle: shapes[kind] || "circle", pointRadius: kind === "fused" ? 7 : 6, pointHoverRadius: 8,
    backgroundColor: colors[kind] || colors.ink, borderColor: colors.surface, borderWidth: 1.5,
  }));
  return {
    height: (width) => Math.max(380, Math.min(540, width * 0.5)),
    config: {
      type: "scatter",
      data: { datasets: [...dots, ...roofs] },
      options: {
        ...common(colors, {
          tooltip: tooltip(colors, {
            title: (items) => items.map((item) => item.raw.label),
            label: (item) => [...(isOverview ? [cell(item.raw.place, "variant")] : []), ...texts(item.raw.place)],
          }),
        }),
        scales: {
          x: axis(spec.x, colors, { type: "logarithmic" }), y: axis(spec.y, colors, { type: "logarithmic" }),
        },
      },
      plugins: [rooflineLabels(spec, points, !isOverview, colors)],
    },
  };
};
