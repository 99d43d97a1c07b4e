"use strict";

/* Plots, in the colours of the page; `volseg` holds what scripts of scenes share. */
const volseg = (() => {
  const plain = { displayModeBar: false, responsive: true, showTips: false };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const painters = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /* Calls back now, and whenever the page's colours change. */
  const onColours = (paint) => {
    painters.push(paint);
    paint();
  };
  const repaint = () => painters.forEach((paint) => paint());
  dark.addEventListener("change", repaint);

  const themed = (layout) => {
    const axes = {};
    for (const key of Object.keys(layout).filter((key) => /^[xy]axis/.test(key)))
      axes[key] = { gridcolor: colour("--plot"), linecolor: colour("--plot"), ...layout[key] };
    return {
      font: { color: colour("--ink"), family: "inherit", size: 13 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 64, r: 16, t: 16, b: 52 },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      hoverlabel: { align: "left" },
      dragmode: false,
      ...layout,
      ...axes,
    };
  };

  /* "ink" stands for the colour of text. */
  const inked = (data) =>
    data.map((trace) =>
      trace.line && trace.line.color === "ink"
        ? { ...trace, line: { ...trace.line, color: colour("--ink") } }
        : trace,
    );

  const drawChart = (figure) => {
    const plot = figure.querySelector(".plot");
    const { data, layout } = JSON.parse(figure.querySelector("script").textContent);
    onColours(() => Plotly.react(plot, inked(data), themed(layout), plain));
    plot.on("plotly_click", (event) => {
      const anchor = event.points[0].data.meta;
      const scene = typeof anchor === "string" && document.getElementById(anchor);
      if (scene) location.hash = anchor;
    });
  };

  const charts = document.querySelectorAll("[data-chart]");
  charts.forEach(drawChart);

  /* Paper is narrower than most screens, and white. */
  const resize = (width) => {
    document.documentElement.classList.toggle("printing", width !== null);
    for (const figure of charts) {
      const plot = figure.querySelector(".plot");
      Plotly.relayout(plot, width ? { width } : { width: null, autosize: true });
    }
    repaint();
  };
  addEventListener("beforeprint", () => resize(680));
  addEventListener("afterprint", () => resize(null));

  return { colour, onColours };
})();
