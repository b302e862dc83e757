// Points on a canvas, each with a picture: hover to see it, click to choose it.
//
// `data` is bytes: the length of a JSON text (uint32, little-endian), that text, and a JPEG of
// all pictures. It never changes, so it is sent once; what is chosen comes by an event.

const RADIUS = 3
const REACH = 14 // pixels between pointer and point
const ZOOM = 4 // of a thumbnail
const EVENT = "flatland-chosen"
const PRIME = 7919 // points are drawn in a mixed order, or the last class would hide the others

function unpack(data) {
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)))
  return { about, jpeg: new Blob([data.subarray(4 + length)], { type: "image/jpeg" }) }
}

function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return context
}

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(`.${name}`)
  const [box, base, marks, tip] = ["points", "base", "marks", "tip"].map(find)
  box.tidy?.() // of the run before: there is one more for every change of the theme
  const { about, jpeg } = unpack(data)
  const n = about.x.length
  const colour = (name) => getComputedStyle(box).getPropertyValue(name).trim()
  const textColour = () => colour("--st-text-color") || "#888"

  const sprite = new Image()
  sprite.src = URL.createObjectURL(jpeg)
  base.setAttribute("aria-label", about.label)
  find("legend").replaceChildren(
    ...about.classes.map(({ name, colour }) => {
      const entry = document.createElement("li")
      const dot = document.createElement("span")
      dot.style.background = colour
      entry.append(dot, name)
      return entry
    }),
  )

  let positions = []
  let hovered = -1

  function layOut(width, height) {
    const room = 12
    const [right, top] = about.ends // both axes have the same scale: distances are not distorted
    const scale = Math.min((width - 2 * room) / right, (height - 2 * room) / top)
    const left = (width - scale * right) / 2
    const bottom = (height + scale * top) / 2
    positions = about.x.map((x, i) => [left + scale * x, bottom - scale * about.y[i]])
  }

  function draw() {
    const { width, height } = box.getBoundingClientRect()
    if (!width || !height) return
    layOut(width, height)
    const context = fit(base, width, height)
    context.globalAlpha = n > 1000 ? 0.55 : 0.8
    for (let k = 0; k < n; k++) {
      const i = (k * PRIME) % n
      context.fillStyle = about.colours[about.labels[i] % about.colours.length]
      context.beginPath()
      context.arc(...positions[i], RADIUS, 0, 2 * Math.PI)
      context.fill()
    }
    mark()
  }

  function ring(context, i, radius) {
    context.beginPath()
    context.arc(...positions[i], radius, 0, 2 * Math.PI)
    context.stroke()
  }

  function mark() {
    const { width, height } = box.getBoundingClientRect()
    const context = fit(marks, width, height)
    context.strokeStyle = textColour()
    const chosen = globalThis.flatlandChosen
    if (chosen?.id === about.id && chosen.index < n) {
      context.lineWidth = 1
      for (const other of chosen.neighbours) {
        context.beginPath()
        context.moveTo(...positions[chosen.index])
        context.lineTo(...positions[other])
        context.stroke()
        ring(context, other, RADIUS + 1.5)
      }
      context.lineWidth = 3
      ring(context, chosen.index, RADIUS + 4)
    }
    context.lineWidth = 1.5
    if (hovered >= 0) ring(context, hovered, RADIUS + 2)
  }

  function nearest(event) {
    const { left, top } = box.getBoundingClientRect()
    const [x, y] = [event.clientX - left, event.clientY - top]
    let best = -1
    let least = REACH ** 2
    positions.forEach(([px, py], i) => {
      const far = (px - x) ** 2 + (py - y) ** 2
      if (far < least) [best, least] = [i, far]
    })
    return best
  }

  function hover(i) {
    if (i === hovered) return
    hovered = i
    mark()
    tip.hidden = i < 0
    box.style.cursor = i < 0 ? "default" : "pointer"
    if (i < 0) return
    const side = about.tile
    const context = find("thumb").getContext("2d")
    context.imageSmoothingEnabled = false
    const [column, row] = [i % about.columns, Math.floor(i / about.columns)]
    if (sprite.complete && sprite.naturalWidth)
      context.drawImage(sprite, column * side, row * side, side, side, 0, 0, ZOOM * side, ZOOM * side)
    find("name").textContent = about.names[i]
    find("class").textContent = about.classNames[about.labels[i]]
    const [x, y] = positions[i]
    const { width, height } = box.getBoundingClientRect()
    tip.style.left = `${x + 16 + tip.offsetWidth < width ? x + 16 : Math.max(0, x - 16 - tip.offsetWidth)}px`
    tip.style.top = `${Math.max(0, Math.min(y + 8, height - tip.offsetHeight))}px`
  }

  box.onpointermove = (event) => hover(nearest(event))
  box.onpointerleave = () => hover(-1)
  box.onclick = (event) => {
    const i = nearest(event)
    if (i >= 0) setTriggerValue("picked", i + 1)
  }
  window.addEventListener(EVENT, mark)
  const watcher = new ResizeObserver(draw)
  watcher.observe(box)
  draw()

  box.tidy = () => {
    window.removeEventListener(EVENT, mark)
    watcher.disconnect()
    URL.revokeObjectURL(sprite.src)
  }
  return box.tidy
}
