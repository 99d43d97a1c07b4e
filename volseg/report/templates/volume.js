"use strict";

/* Volumes as slices: truth, prediction, errors; classes on and off; the worst slices. */
(() => {
  const BLANK = 0xffe1e1e1;
  const NONE = -1;
  const WRONG = -2;

  const unpack = async (text, kind) => {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new kind(await new Response(plain).arrayBuffer());
  };

  /* A colour as a canvas holds it, opaque: alpha, blue, green, red. */
  const packed = (red, green, blue) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  const fromHex = (text) => packed(...[1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)));

  /* One slice: what it shows, and where it is. */
  class Plane {
    constructor(volume, element, told) {
      Object.assign(this, told);
      this.volume = volume;
      this.canvas = element.querySelector("canvas");
      this.slider = element.querySelector("[data-slice]");
      this.place = element.querySelector(".place");
      [this.columns, this.rows] = told.across.map((axis) => volume.told.grid[axis]);
      this.index = told.worst[0];
      this.small = new OffscreenCanvas(this.columns, this.rows);
      this.slider?.addEventListener("input", () => this.move(Number(this.slider.value)));
      this.canvas.addEventListener("pointermove", (event) => volume.tell(this.voxel(event)));
      this.canvas.addEventListener("click", (event) => volume.go(this.voxel(event)));
      new ResizeObserver(() => this.draw()).observe(this.canvas);
    }

    /* Shows another slice; the others mark where it is. */
    move(index) {
      this.index = index;
      if (this.slider) this.slider.value = index;
      this.volume.draw();
    }

    describe() {
      if (!this.slider) return;
      const { start, steps } = this.volume.told;
      const number = start[this.axis] + this.index * steps[this.axis] + 1;
      const words = `${number} of ${this.of}, ${this.wrong[this.index].toLocaleString("en")} wrong`;
      this.place.textContent = words;
      this.slider.setAttribute("aria-valuetext", words);
    }

    /* The cell of the volume in a column and a row of the screen. */
    cell(column, row) {
      const found = [0, 0, 0];
      const [right, down] = this.across;
      found[this.axis] = this.index;
      found[right] = this.flips[0] ? this.columns - 1 - column : column;
      found[down] = this.flips[1] ? this.rows - 1 - row : row;
      return found;
    }

    voxel(event) {
      const place = (at, size, many) => Math.min(many - 1, Math.max(0, Math.floor((at / size) * many)));
      const { clientWidth, clientHeight } = this.canvas;
      return this.cell(
        place(event.offsetX, clientWidth, this.columns), place(event.offsetY, clientHeight, this.rows));
    }

    /* Voxels of the slice, row by row as the screen shows them. */
    voxels() {
      const found = new Uint32Array(this.columns * this.rows);
      for (let row = 0, at = 0; row < this.rows; row++)
        for (let column = 0; column < this.columns; column++, at++)
          found[at] = this.volume.number(this.cell(column, row));
      return found;
    }

    draw() {
      const { canvas, volume } = this;
      if (!volume.ready || !canvas.clientWidth) return;
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(canvas.clientWidth * ratio);
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
      const context = canvas.getContext("2d");
      const voxels = this.voxels();
      context.imageSmoothingQuality = "high";
      this.paint(context, voxels, (voxel) => volume.grey(voxel));
      context.imageSmoothingEnabled = false;
      context.globalAlpha = volume.opacity;
      this.paint(context, voxels, (voxel) => volume.colours.get(volume.filled(voxel)) ?? 0);
      context.globalAlpha = 1;
      if (volume.outlines) this.outline(context, voxels, ratio);
      this.mark(context, ratio);
      this.describe();
    }

    /* A colour for every voxel, on the whole canvas. */
    paint(context, voxels, colourOf) {
      const small = this.small.getContext("2d");
      const pixels = small.createImageData(this.columns, this.rows);
      new Uint32Array(pixels.data.buffer).set(voxels.map(colourOf));
      small.putImageData(pixels, 0, 0);
      context.drawImage(this.small, 0, 0, context.canvas.width, context.canvas.height);
    }

    /* A line inside every class, along its border to another one. */
    outline(context, voxels, ratio) {
      const keys = Int32Array.from(voxels, (voxel) => this.volume.lined(voxel));
      const [wide, high] = [context.canvas.width / this.columns, context.canvas.height / this.rows];
      const thick = Math.max(1, Math.min(1.75 * ratio, wide / 2, high / 2));
      const paths = new Map();
      const line = (key, x, y, toX, toY) => {
        if (!paths.has(key)) paths.set(key, new Path2D());
        paths.get(key).moveTo(x, y);
        paths.get(key).lineTo(toX, toY);
      };
      for (let row = 0, at = 0; row < this.rows; row++)
        for (let column = 0; column < this.columns; column++, at++) {
          const key = keys[at];
          if (key === NONE) continue;
          const [left, top] = [column * wide, row * high];
          const [right, bottom] = [left + wide, top + high];
          const inset = thick / 2;
          if (column > 0 && keys[at - 1] !== key) line(key, left + inset, top, left + inset, bottom);
          if (column < this.columns - 1 && keys[at + 1] !== key) line(key, right - inset, top, right - inset, bottom);
          if (row > 0 && keys[at - this.columns] !== key) line(key, left, top + inset, right, top + inset);
          if (row < this.rows - 1 && keys[at + this.columns] !== key) line(key, left, bottom - inset, right, bottom - inset);
        }
      context.lineWidth = thick;
      context.lineCap = "square";
      for (const [key, path] of paths) {
        context.strokeStyle = this.volume.told.colours[key];
        context.stroke(path);
      }
    }

    /* Ticks at the edges where the other slices are, and letters for the sides. */
    mark(context, ratio) {
      const { width, height } = context.canvas;
      const tick = 7 * ratio;
      const ticks = new Path2D();
      for (const other of this.volume.planes) {
        const along = this.across.indexOf(other.axis);
        if (along < 0) continue;
        const many = along ? this.rows : this.columns;
        const share = ((this.flips[along] ? many - 1 - other.index : other.index) + 0.5) / many;
        for (const [from, to] of along ? [[0, tick], [width - tick, width]] : [[0, tick], [height - tick, height]]) {
          ticks.moveTo(...(along ? [from, share * height] : [share * width, from]));
          ticks.lineTo(...(along ? [to, share * height] : [share * width, to]));
        }
      }
      const [dark, light] = ["#000000", "#ffffff"];
      for (const [colour, thick] of [[dark, 4], [light, 1.5]]) {
        context.strokeStyle = colour;
        context.lineWidth = thick * ratio;
        context.stroke(ticks);
      }
      context.font = `600 ${13 * ratio}px sans-serif`;
      context.lineWidth = 3 * ratio;
      context.lineJoin = "round";
      const edge = 17 * ratio;
      const places = [[edge, height / 2], [width - edge, height / 2], [width / 2, edge], [width / 2, height - edge]];
      if (height < 3 * edge) places.length = 2;
      context.textAlign = "center";
      context.textBaseline = "middle";
      places.slice(0, this.letters.length).forEach(([x, y], at) => {
        context.strokeStyle = dark;
        context.strokeText(this.letters[at], x, y);
        context.fillStyle = light;
        context.fillText(this.letters[at], x, y);
      });
    }
  }

  class Volume {
    constructor(element) {
      this.element = element;
      this.told = JSON.parse(element.querySelector("script").textContent);
      this.hidden = new Set();
      this.opacity = 0.6;
      this.outlines = true;
      this.step = 0;
      this.colours = new Map(this.told.colours.map((text, number) => [number, fromHex(text)]));
      this.colours.set(WRONG, fromHex(this.told.wrong));
      const figures = [...element.querySelectorAll(".plane")];
      this.planes = this.told.planes.map((told, at) => new Plane(this, figures[at], told));
      for (const button of element.querySelectorAll("button"))
        button.addEventListener("click", () => this.press(button));
      const opacity = element.querySelector("[data-opacity]");
      opacity.addEventListener("input", () => {
        this.opacity = opacity.value / 100;
        this.draw();
      });
      this.show("error");
    }

    async load() {
      const ids = this.told.wide ? Uint16Array : Uint8Array;
      const { image } = this.told;
      this.truth = await unpack(this.told.truth, ids);
      this.predicted = await unpack(this.told.predicted, ids);
      this.image = image && (await unpack(image.values, Uint8Array));
      this.ready = true;
      this.draw();
    }

    number([x, y, z]) {
      const [, high, deep] = this.told.grid;
      return (x * high + y) * deep + z;
    }

    grey(voxel) {
      if (!this.image) return BLANK;
      if (this.told.image.channels === 1) return 0xff000000 + 0x010101 * this.image[voxel];
      return packed(...this.image.subarray(3 * voxel, 3 * voxel + 3));
    }

    /* The class a code is drawn as: its last that is shown. */
    classOf(code) {
      return this.told.members[code].findLast((number) => !this.hidden.has(number)) ?? NONE;
    }

    isWrong(voxel) {
      return this.truth[voxel] !== 0 && this.truth[voxel] !== this.predicted[voxel];
    }

    /* Mistakes are shown as long as one of their classes is. */
    filled(voxel) {
      if (this.mode !== "error") return this.lined(voxel);
      if (!this.isWrong(voxel)) return NONE;
      const shown = [this.truth, this.predicted].some((codes) => this.classOf(codes[voxel]) !== NONE);
      return shown ? WRONG : NONE;
    }

    lined(voxel) {
      return this.classOf((this.mode === "predicted" ? this.predicted : this.truth)[voxel]);
    }

    draw() {
      this.planes.forEach((plane) => plane.draw());
    }

    press(button) {
      const { mode } = button.dataset;
      if (mode) this.show(mode);
      if ("next" in button.dataset) this.next();
      if ("outlines" in button.dataset) this.outlines = this.toggle(button);
      if ("class" in button.dataset) {
        const number = Number(button.dataset.class);
        if (this.toggle(button)) this.hidden.delete(number);
        else this.hidden.add(number);
      }
      this.draw();
    }

    toggle(button) {
      const pressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(pressed));
      return pressed;
    }

    show(mode) {
      this.mode = this.element.dataset.mode = mode;
      for (const button of this.element.querySelectorAll("button[data-mode]"))
        button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }

    next() {
      this.step++;
      for (const plane of this.planes) plane.move(plane.worst[this.step % plane.worst.length]);
    }

    /* Brings all slices to a cell. */
    go(cell) {
      for (const plane of this.planes) plane.move(cell[plane.axis]);
    }

    tell(cell) {
      if (!this.ready) return;
      const name = (code, none) => this.told.members[code].map((number) => this.told.names[number]).join(" + ") || none;
      const voxel = this.number(cell);
      const known = name(this.truth[voxel], "background");
      const taken = this.predicted[voxel] ? name(this.predicted[voxel], "background") : "no class";
      const verdict =
        this.truth[voxel] === 0 ? `Truth ignored; predicted ${taken}`
        : this.isWrong(voxel) ? `Wrong: ${known} taken for ${taken}`
        : `Right: ${known}`;
      this.element.querySelector(".readout").textContent = `${verdict}, at ${this.place(cell)}.`;
    }

    place(cell) {
      const { affine, start, steps } = this.told;
      const index = cell.map((at, axis) => start[axis] + at * steps[axis]);
      if (!affine) return `row ${index[0] + 1}, column ${index[1] + 1}`;
      const [x, y, z] = affine.map((row) => row[3] + index.reduce((sum, at, axis) => sum + at * row[axis], 0));
      return `right ${x.toFixed(1)}, anterior ${y.toFixed(1)}, superior ${z.toFixed(1)} mm`;
    }
  }

  const volumes = [...document.querySelectorAll('[data-scene="volume"]')].map((one) => new Volume(one));
  (async () => {
    for (const volume of volumes) await volume.load();
  })();
})();
