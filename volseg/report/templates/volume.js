"use strict";

/* Volumes as slices: truth, prediction, errors; classes on and off; the worst slices. */
(() => {
  const BLANK = 0xffe1e1e1;
  const NONE = -1;
  const WRONG = -2;
  const OBJECT = -100;

  const unpack = async (text, kind) => {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new kind(await new Response(plain).arrayBuffer());
  };

  /* A colour as a canvas holds it, opaque: alpha, blue, green, red. */
  const packed = (red, green, blue) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  const fromHex = (text) => packed(...[1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)));

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
      const { colours = [], palette = [] } = this.told.objects ?? {};
      colours.forEach((text, at) => this.colours.set(WRONG - 1 - at, fromHex(text)));
      palette.forEach((text, at) => this.colours.set(OBJECT - at, fromHex(text)));
      const figures = [...element.querySelectorAll(".plane")];
      this.planes = this.told.planes.map((told, at) => new volseg.Slice(this, figures[at], told));
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
      for (const side of this.told.objects ? ["truth", "predicted"] : []) {
        const told = this.told.objects[side];
        told.of = await unpack(told.numbers, told.wide ? Uint32Array : Uint16Array);
      }
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

    /* The number of the object at a voxel, 0 of none. */
    object(voxel, side = this.mode === "predicted" ? "predicted" : "truth") {
      return this.told.objects ? this.told.objects[side].of[voxel] : 0;
    }

    /* What became of the object there, of the truth or else of the prediction; -1 where it is right. */
    fate(voxel) {
      for (const side of ["truth", "predicted"]) {
        const number = this.object(voxel, side);
        const fate = number ? this.told.objects[side].fates[number - 1] : 0;
        if (fate) return fate - 1;
      }
      return -1;
    }

    /* Mistakes are shown as long as one of their classes is. */
    filled(voxel) {
      const number = this.object(voxel);
      if (this.mode !== "error") {
        const shown = this.lined(voxel);
        return number && shown !== NONE ? OBJECT - this.told.objects[this.mode].colours[number - 1] : shown;
      }
      const fate = this.told.objects ? this.fate(voxel) : -1;
      if (fate >= 0) return WRONG - 1 - fate;
      if (number || this.object(voxel, "predicted") || !this.isWrong(voxel)) return NONE;
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
      if ("cell" in button.dataset) this.seek(button);
      if ("outlines" in button.dataset) this.outlines = this.toggle(button);
      if ("radiological" in button.dataset) {
        this.toggle(button);
        for (const plane of this.planes) plane.mirror();
      }
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

    /* Brings all slices to an object, and marks it. */
    seek(button) {
      this.show("error");
      this.sought = button.dataset.cell.split(",").map(Number);
      this.go(this.sought);
      this.element.querySelector(".planes").scrollIntoView({ block: "nearest" });
      this.tell(this.sought);
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
      const fate = this.told.objects ? this.fate(voxel) : -1;
      const object = fate < 0 ? "" : `Object ${this.told.objects.kinds[fate]}. `;
      this.element.querySelector(".readout").textContent = `${object}${verdict}, at ${this.place(cell)}.`;
    }

    place(cell) {
      const { affine, start, steps } = this.told;
      const index = cell.map((at, axis) => start[axis] + at * steps[axis]);
      if (!affine) return `row ${index[0] + 1}, column ${index[1] + 1}`;
      const [x, y, z] = affine.map((row) => row[3] + index.reduce((sum, at, axis) => sum + at * row[axis], 0));
      return `right ${x.toFixed(1)}, anterior ${y.toFixed(1)}, superior ${z.toFixed(1)} mm`;
    }
  }

  const scenes = [...document.querySelectorAll('[data-scene="volume"]')];
  if (!window.DecompressionStream || !window.OffscreenCanvas) {
    for (const one of scenes)
      one.querySelector(".readout").textContent = "This browser cannot draw slices; one of 2023 or later can.";
    return;
  }
  const volumes = scenes.map((one) => new Volume(one));
  (async () => {
    for (const volume of volumes) await volume.load();
  })();
})();
