"use strict";

/* A slice of a volume: an image, filled classes, lines around them, and where it is. */
volseg.Slice = class {
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

  /* The patient's left on the other side, as radiologists see it, if it is on a side. */
  mirror() {
    const [left, right, ...others] = this.letters;
    if (!"LR".includes(left)) return;
    this.letters = [right, left, ...others].join("");
    this.flips = [!this.flips[0], this.flips[1]];
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
    const objects = Uint32Array.from(voxels, (voxel) => this.volume.object(voxel));
    const differ = (at, other) => keys[at] !== keys[other] || objects[at] !== objects[other];
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
        if (key < 0) continue;
        const [left, top] = [column * wide, row * high];
        const [right, bottom] = [left + wide, top + high];
        const inset = thick / 2;
        if (column > 0 && differ(at, at - 1)) line(key, left + inset, top, left + inset, bottom);
        if (column < this.columns - 1 && differ(at, at + 1)) line(key, right - inset, top, right - inset, bottom);
        if (row > 0 && differ(at, at - this.columns)) line(key, left, top + inset, right, top + inset);
        if (row < this.rows - 1 && differ(at, at + this.columns)) line(key, left, bottom - inset, right, bottom - inset);
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
    const { sought } = this.volume;
    if (sought && sought[this.axis] === this.index) {
      const [x, y] = this.across.map((axis, along) => {
        const many = along ? this.rows : this.columns;
        const at = this.flips[along] ? many - 1 - sought[axis] : sought[axis];
        return ((at + 0.5) / many) * (along ? height : width);
      });
      ticks.moveTo(x + 2 * tick, y);
      ticks.arc(x, y, 2 * tick, 0, 2 * Math.PI);
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
};
