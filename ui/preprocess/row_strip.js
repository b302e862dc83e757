// The rows of a picture slide out, one after the other, into one strip across the page.
//
// `data` is bytes: the length of a JSON text (uint32, little-endian), that text, and all values
// (uint8) in the order of the row. It is played once, and again by the button; where people
// want no motion, the end of it stands there at once.

const PICTURE = 144 // height of the picture, in pixels of the page
const GAP = 16
const STRIP = 36 // height of the strip
const ALL = 2400 // milliseconds from the first row to the last
const ONE = 500 // of one row

function unpack(data) {
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)))
  return { about, values: data.subarray(4 + length) }
}

/** A canvas with a dot for each pixel of the picture, or for each value of its row. */
function dots(values, width, height, perDot) {
  const canvas = document.createElement("canvas")
  ;[canvas.width, canvas.height] = [width, height]
  const context = canvas.getContext("2d")
  const image = context.createImageData(width, height)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 4; c++)
      image.data[4 * i + c] = c === 3 ? 255 : values[perDot * i + Math.min(c, perDot - 1)]
  context.putImageData(image, 0, 0)
  return canvas
}

/** The whole row as one line of so many dots, each the mean of the values that it stands for. */
function squeeze(values, width) {
  const means = new Uint8Array(width)
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * values.length) / width)
    const to = Math.max(from + 1, Math.floor(((x + 1) * values.length) / width))
    let sum = 0
    for (let i = from; i < to; i++) sum += values[i]
    means[x] = sum / (to - from)
  }
  return dots(means, width, 1, 1)
}

const smooth = (t) => t * t * (3 - 2 * t)

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".flattening")
  const [canvas, button] = [box.querySelector("canvas"), box.querySelector("button")]
  box.tidy?.() // of the run before
  const { about, values } = unpack(data)
  const { height, width, channels } = about
  const picture = dots(values, width, height, channels)
  let line = null // each value a dot, also in colour
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  let pending = 0
  canvas.setAttribute("aria-label", about.label)

  /** Draw what is to be seen so many milliseconds after the beginning. */
  function draw(time) {
    const ratio = window.devicePixelRatio || 1
    line ??= time < ALL ? dots(values, width * channels, height, 1) : null
    const wide = canvas.clientWidth
    if (!wide) return
    const high = PICTURE + GAP + STRIP
    canvas.style.height = `${high}px`
    canvas.width = Math.round(wide * ratio)
    canvas.height = Math.round(high * ratio)
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    context.imageSmoothingEnabled = wide * ratio < values.length // only to make it narrower
    context.imageSmoothingQuality = "high"
    const across = Math.min(wide, (PICTURE * width) / height)
    context.globalAlpha = still ? 1 : 0.3
    context.drawImage(picture, 0, 0, across, PICTURE)
    context.globalAlpha = 1
    if (time >= ALL) { // what stays, and is drawn anew with each move of a control
      context.imageSmoothingEnabled = false
      context.drawImage(squeeze(values, canvas.width), 0, PICTURE + GAP, wide, STRIP)
      return
    }
    for (let row = 0; row < height; row++) {
      const t = smooth(Math.max(0, Math.min(1, (time - ((ALL - ONE) * row) / height) / ONE)))
      const source = t ? line : picture
      const mix = (from, to) => from + t * (to - from)
      context.drawImage(
        ...[source, 0, row, source.width, 1],
        ...[mix(0, (wide * row) / height), mix((PICTURE * row) / height, PICTURE + GAP)],
        ...[mix(across, wide / height), mix(PICTURE / height, STRIP)],
      )
    }
  }

  function play(time) {
    box.start ??= time // of the first picture: one that comes meanwhile goes on from there
    draw(time - box.start)
    if (time - box.start < ALL) pending = requestAnimationFrame(play)
    else box.played = true
  }

  button.onclick = () => {
    cancelAnimationFrame(pending)
    box.start = null
    pending = requestAnimationFrame(play)
  }
  if (!still && !box.played) pending = requestAnimationFrame(play)
  const watcher = new ResizeObserver(() => { // also told once at the start, after the layout
    if (still || box.played) draw(ALL)
  })
  watcher.observe(box)

  box.tidy = () => {
    watcher.disconnect()
    cancelAnimationFrame(pending)
  }
  return box.tidy
}
