"use strict";

/* Clouds in 3-D: truth, prediction, errors; classes on and off; the worst places. */
(() => {
  const MOST_LIVE = 3;
  const live = [];

  const bytes = (text) => {
    const letters = atob(text);
    const values = new Uint8Array(letters.length);
    for (let at = 0; at < values.length; at++) values[at] = letters.charCodeAt(at);
    return values;
  };
  const shorts = (text) => {
    const raw = bytes(text);
    return new Uint16Array(raw.buffer, 0, raw.length / 2);
  };

  const drawable = (() => {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl"));
    } catch {
      return false;
    }
  })();

  class Cloud {
    constructor(element) {
      this.element = element;
      this.stage = element.querySelector(".stage");
      this.readout = element.querySelector(".readout");
      this.mode = "error";
      this.hidden = new Set();
      this.kinds = new Set();
      element.dataset.mode = this.mode;
      for (const button of element.querySelectorAll("button"))
        button.addEventListener("click", () => this.press(button));
      this.stage.addEventListener("wheel", (event) => this.wheel(event), { capture: true });
      this.stage.addEventListener("pointerdown", () => (this.held = true), { capture: true });
      this.stage.addEventListener("pointerleave", () => (this.held = false));
    }

    /* The wheel scrolls the page until the scene has been clicked. */
    wheel(event) {
      if (!this.held) event.stopPropagation();
    }

    get isLive() {
      return this.element.dataset.state === "live";
    }

    load() {
      if (this.points) return;
      const told = JSON.parse(this.element.querySelector("script").textContent);
      const ids = told.wide ? shorts : bytes;
      const steps = shorts(told.xyz);
      const count = steps.length / 3;
      const places = [0, 1, 2].map((axis) => new Float32Array(count));
      for (let at = 0; at < count; at++)
        for (let axis = 0; axis < 3; axis++) places[axis][at] = steps[3 * at + axis] * told.step;
      this.told = told;
      this.points = {
        count,
        places,
        truth: ids(told.truth),
        predicted: ids(told.predicted),
        confidence: told.confidence === null ? null : bytes(told.confidence),
      };
      const { objects } = told;
      if (objects)
        this.objects = {
          truth: bytes(objects.truth), predicted: bytes(objects.predicted), fates: bytes(objects.fates),
          kinds: objects.kinds,
        };
      const sides = places.map((values) => values.reduce((most, one) => Math.max(most, one), 0));
      this.longest = Math.max(...sides) || 1;
      const least = Math.max(...sides) > 0 ? 0.05 * this.longest : this.longest;
      this.ranges = sides.map((side) => {
        const room = Math.max(side, least) / 2;
        return [side / 2 - room, side / 2 + room];
      });
    }

    start() {
      if (this.isLive || !drawable) return;
      this.load();
      this.wait();
      this.element.dataset.state = "live";
      this.camera = this.camera || this.home();
      this.draw();
      this.stage.on("plotly_hover", (event) => this.tell(event.points[0]));
      this.stage.on("plotly_click", (event) => this.tell(event.points[0]));
      live.push(this);
      while (live.length > MOST_LIVE) live[0].stop();
    }

    /* Browsers draw a few 3-D views at a time only: those out of sight give theirs back. */
    stop() {
      live.splice(live.indexOf(this), 1);
      this.camera = this.stage.layout.scene.camera;
      Plotly.purge(this.stage);
      this.wait();
    }

    /* The room of the 3-D view is kept, so that nothing moves when it comes. */
    wait() {
      this.element.dataset.state = "waiting";
      this.element.querySelector(".start").hidden = true;
      this.stage.hidden = false;
    }

    home() {
      const { wide, tall } = this.told.cameras;
      return this.stage.clientWidth > 1.25 * this.stage.clientHeight ? wide : tall;
    }

    /* Rows of points by what gives their colour, those drawn last in front. */
    groups() {
      const { count, truth, predicted } = this.points;
      const rows = new Map();
      const add = (key, at) => (rows.has(key) ? rows.get(key).push(at) : rows.set(key, [at]));
      for (let at = 0; at < count; at++) {
        const shown = this.mode === "predicted" ? predicted[at] : truth[at];
        if (this.hidden.has(shown)) continue;
        if (this.mode !== "error" || truth[at] === 0) {
          const turn = this.objects && this.mode !== "error" ? this.objects[this.mode][at] : 0;
          add(turn ? -turn : shown, at);
          continue;
        }
        const kind = this.kindOf(at);
        if (!this.kinds.has(kind)) add(kind, at);
      }
      const front = ([key]) => typeof key === "string" && key !== "right";
      return [...rows].sort((one, other) => front(one) - front(other));
    }

    /* What is wrong at a point: of its object, or else of its class. */
    kindOf(at) {
      const fate = this.objects ? this.objects.fates[at] : 0;
      if (fate) return this.objects.kinds[fate - 1];
      return this.points.truth[at] === this.points.predicted[at] ? "right" : "wrong";
    }

    colourOf(key) {
      if (typeof key === "string")
        return this.told[key] ?? this.told.objects.colours[this.objects.kinds.indexOf(key)];
      if (key < 0) return this.told.objects.palette[-key - 1];
      return key === 0 ? this.told.ignored : this.told.colours[key - 1];
    }

    sizeOf(key) {
      const base = this.points.count < 2000 ? 5 : this.points.count < 20000 ? 3 : 2;
      return typeof key === "string" && key !== "right" ? base + 1.5 : base;
    }

    trace([key, rows]) {
      const [x, y, z] = this.points.places.map((values) => Float32Array.from(rows, (at) => values[at]));
      return {
        type: "scatter3d",
        mode: "markers",
        x, y, z,
        hoverinfo: "none",
        showlegend: false,
        marker: { symbol: "square", size: this.sizeOf(key), color: this.colourOf(key), line: { width: 0 } },
      };
    }

    draw() {
      if (!this.isLive) return;
      const shown = this.groups();
      this.rows = shown.map(([, rows]) => rows);
      Plotly.react(this.stage, shown.map((group) => this.trace(group)), this.layout(), {
        displayModeBar: false, responsive: true, scrollZoom: true, showTips: false,
      });
    }

    layout() {
      const ink = volseg.colour("--faint");
      const axes = ["x", "y", "z"].map((name, axis) => [
        `${name}axis`,
        {
          title: { text: `${name}, m` }, range: this.ranges[axis], color: ink, showspikes: false,
          gridcolor: volseg.colour("--plot"), zeroline: false, showbackground: false,
        },
      ]);
      const [x, y, z] = this.ranges.map(([low, high]) => (high - low) / this.longest);
      return {
        margin: { l: 0, r: 0, t: 0, b: 0 },
        paper_bgcolor: "rgba(0,0,0,0)",
        font: { color: ink, size: 11 },
        uirevision: "keep",
        scene: {
          ...Object.fromEntries(axes),
          aspectmode: "manual", aspectratio: { x, y, z }, camera: this.camera,
          dragmode: "turntable", uirevision: "keep",
        },
      };
    }

    press(button) {
      const { mode, kind, camera, spot } = button.dataset;
      if (mode) this.show(mode);
      if (kind) this.toggle(button, () => this.kinds.delete(kind) || this.kinds.add(kind));
      if ("class" in button.dataset) this.toggle(button, () => this.hide(Number(button.dataset.class)));
      this.start();
      if (camera) this.move(camera);
      if (spot) this.fly(this.told.spots[Number(spot)]);
      if (!camera && !spot) this.draw();
    }

    show(mode) {
      this.mode = this.element.dataset.mode = mode;
      for (const button of this.element.querySelectorAll("[data-mode][aria-pressed]"))
        button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }

    toggle(button, change) {
      change();
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    }

    hide(number) {
      if (!this.hidden.delete(number)) this.hidden.add(number);
    }

    look(camera) {
      this.camera = camera;
      if (this.isLive) Plotly.relayout(this.stage, { "scene.camera": camera });
    }

    /* Turns about the middle of what is seen, in steps of fifteen degrees. */
    move(how) {
      if (!this.isLive) return;
      if (how === "reset") return this.look(this.home());
      const { eye, center } = this.stage.layout.scene.camera;
      const [x, y, z] = [eye.x - center.x, eye.y - center.y, eye.z - center.z];
      let far = Math.hypot(x, y, z);
      let turn = Math.atan2(y, x);
      let rise = Math.asin(z / far);
      const step = Math.PI / 12;
      if (how === "left") turn -= step;
      if (how === "right") turn += step;
      if (how === "up") rise += step;
      if (how === "down") rise -= step;
      if (how === "closer") far *= 0.75;
      if (how === "farther") far /= 0.75;
      if (how === "top") [turn, rise] = [-Math.PI / 2, Math.PI / 2];
      this.aim(center, turn, rise, far);
    }

    aim(center, turn, rise, far) {
      const level = Math.cos(Math.min(Math.max(rise, -1.55), 1.55)) * far;
      const eye = {
        x: center.x + level * Math.cos(turn),
        y: center.y + level * Math.sin(turn),
        z: center.z + Math.sin(Math.min(Math.max(rise, -1.55), 1.55)) * far,
      };
      this.look({ eye, center, up: { x: 0, y: 0, z: 1 } });
    }

    fly(spot) {
      this.show("error");
      this.kinds.clear();
      this.hidden.clear();
      for (const button of this.element.querySelectorAll(".legend button"))
        button.setAttribute("aria-pressed", "true");
      this.draw();
      if (!this.isLive) return;
      const [x, y, z] = [0, 1, 2].map((axis) => {
        const [low, high] = this.ranges[axis];
        return (spot.centre[axis] - this.told.origin[axis] - (low + high) / 2) / this.longest;
      });
      const { eye, center } = this.home();
      const turn = Math.atan2(eye.y - center.y, eye.x - center.x);
      this.aim({ x, y, z }, turn, 0.6, Math.max(0.08, (4 * spot.radius) / this.longest));
      this.stage.scrollIntoView({ block: "nearest" });
      this.readout.textContent = `Looking at ${spot.points.toLocaleString("en")} points, ${spot.text}.`;
    }

    tell(point) {
      const at = this.rows[point.curveNumber][point.pointNumber];
      const { places, truth, predicted, confidence } = this.points;
      const name = (id, none) => (id === 0 ? none : this.told.names[id - 1]);
      const known = name(truth[at], "ignored");
      const taken = name(predicted[at], "no class");
      const sure = confidence && confidence[at] !== 255 ? `, ${confidence[at]} % sure` : "";
      const fate = this.objects && this.objects.fates[at] ? `Object ${this.kindOf(at)}. ` : "";
      const verdict =
        truth[at] === 0 ? `Truth ignored; predicted ${taken}${sure}`
        : truth[at] === predicted[at] ? `Right: ${known}${sure}`
        : `Wrong: ${known} taken for ${taken}${sure}`;
      const place = places.map((values, axis) => (this.told.origin[axis] + values[at]).toFixed(2));
      this.readout.textContent = `${fate}${verdict}, at ${place.join(", ")}.`;
    }
  }

  const clouds = [...document.querySelectorAll('[data-scene="cloud"]')].map((one) => new Cloud(one));
  for (const { element } of clouds) {
    element.classList.toggle("turns", drawable);
    for (const one of element.querySelectorAll(".legend, .spots")) one.inert = !drawable;
  }

  /* A finger that scrolls must not turn clouds: they wait for a tap there. */
  if (drawable && matchMedia("(pointer: coarse)").matches) {
    for (const cloud of clouds) cloud.element.querySelector(".start").hidden = false;
  } else {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries)
          if (isIntersecting) clouds.find((one) => one.stage === target).start();
      },
      { rootMargin: "100px" },
    );
    for (const cloud of drawable ? clouds : []) {
      cloud.wait();
      seen.observe(cloud.stage);
    }
  }
  volseg.onColours(() => clouds.forEach((one) => one.draw()));
})();
