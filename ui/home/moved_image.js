// A picture that can be moved, the row of numbers that it becomes, and what a network predicts.
//
// `data` is bytes: the length of a JSON text (uint32, little-endian), that text, the gray pixels,
// the weights of the first layer (int8, node by node), and a PNG of the picture in colour. All
// of the network is worked out here, so nothing waits for the server.

const REACH = 32 // pixels of the network's picture, to each side
const STRIDE = 10 // of an arrow key with Shift
const BUTTON = 5
const QUIET = 500 // milliseconds without a move before it is read out
const RETURN = 250 // milliseconds to put the picture back

function unpack(data) {
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)))
  const n = about.side ** 2
  const start = data.byteOffset + 4 + length
  const weights = new Int8Array(data.buffer, start + n, n * about.steps.length)
  const png = new Blob([data.subarray(4 + length + n + weights.length)], { type: "image/png" })
  return { about, pixels: new Uint8Array(data.buffer, start, n), weights, png }
}

/** Move the pixels; what comes in has the mean colour of the edge. */
function shift(pixels, { side, edge }, right, down, into) {
  into.fill(edge)
  for (let y = Math.max(down, 0); y < Math.min(side + down, side); y++) {
    const from = (y - down) * side
    for (let x = Math.max(right, 0); x < Math.min(side + right, side); x++)
      into[y * side + x] = pixels[from + x - right]
  }
  return into
}

/** A weighted sum, nothing below 0, a weighted sum, softmax. */
function predict(about, weights, pixels) {
  const scores = [...about.outputBiases]
  about.steps.forEach((step, unit) => {
    let sum = 0
    const first = unit * pixels.length
    for (let i = 0; i < pixels.length; i++) sum += weights[first + i] * pixels[i]
    const hidden = Math.max(sum * step + about.biases[unit], 0)
    about.outputWeights[unit].forEach((weight, c) => (scores[c] += hidden * weight))
  })
  const highest = Math.max(...scores)
  const exponentials = scores.map((score) => Math.exp(score - highest))
  const total = exponentials.reduce((a, b) => a + b)
  return exponentials.map((each) => each / total)
}

/** Lay all values out in one line; where a dot of the screen has several, it has their mean. */
function drawStrip(canvas, values) {
  const width = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1))
  if (!width) return
  canvas.width = width
  canvas.height = 1
  const context = canvas.getContext("2d")
  const image = context.createImageData(width, 1)
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * values.length) / width)
    const to = Math.max(from + 1, Math.floor(((x + 1) * values.length) / width))
    let sum = 0
    for (let i = from; i < to; i++) sum += values[i]
    image.data.set([sum / (to - from), sum / (to - from), sum / (to - from), 255], 4 * x)
  }
  context.putImageData(image, 0, 0)
}

function where(right, down) {
  const steps = (n, one, other) =>
    n ? [`${Math.abs(n)} pixel${Math.abs(n) === 1 ? "" : "s"} ${n > 0 ? one : other}`] : []
  const parts = [...steps(right, "to the right", "to the left"), ...steps(down, "down", "up")]
  return parts.length ? `Moved ${parts.join(" and ")}` : "Not moved"
}

const percent = (share) => `${Math.round(100 * share)}%`

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(`.${name}`)
  const box = find("moved")
  box.tidy?.() // of the run before: there is one more for every change of the theme
  const { about, pixels, weights, png } = unpack(data)
  const [frame, canvas] = [find("frame"), find("picture")]
  const now = new Uint8Array(pixels.length)
  let [right, down] = box.moved ?? [0, 0]
  let [colour, drag, pending, reading, turn] = [null, null, 0, 0, 0]

  frame.setAttribute("aria-label", about.label)
  find("notice").textContent = about.notice
  const rows = about.classes.map(({ name, colour }) => {
    const row = document.createElement("div")
    row.className = "bar"
    row.innerHTML = '<span class="name"></span><span class="track"><i></i></span><b></b>'
    row.querySelector(".name").textContent = name
    row.querySelector("i").style.background = colour
    row.setAttribute("role", "meter")
    row.setAttribute("aria-label", name)
    row.setAttribute("aria-valuemin", "0")
    row.setAttribute("aria-valuemax", "1")
    return row
  })
  find("bars").replaceChildren(...rows)

  function drawPicture() {
    const side = canvas.width
    const context = canvas.getContext("2d")
    context.fillStyle = about.wall
    context.fillRect(0, 0, side, side)
    const step = side / about.side
    if (colour) context.drawImage(colour, right * step, down * step, side, side)
  }

  function draw() {
    pending = 0
    box.moved = [right, down]
    shift(pixels, about, right, down, now)
    const probabilities = predict(about, weights, now)
    const best = probabilities.indexOf(Math.max(...probabilities))
    drawPicture()
    drawStrip(find("after"), now)
    find("verdict").textContent = about.classes[best].name
    rows.forEach((row, i) => {
      row.setAttribute("aria-valuenow", probabilities[i])
      row.querySelector("i").style.width = `${100 * probabilities[i]}%`
      row.querySelector("b").textContent = percent(probabilities[i])
    })
    let changed = 0
    for (let i = 0; i < now.length; i++) changed += now[i] !== pixels[i]
    const counts = [changed, now.length].map((n) => n.toLocaleString("en")).join(" of ")
    find("changed").textContent = `${where(right, down)}: ${counts} numbers have changed.`
    find("reset").disabled = !right && !down
    if (right || down) frame.classList.add("touched")
    clearTimeout(reading)
    reading = setTimeout(() => {
      const name = `${about.classes[best].name}, ${percent(probabilities[best])}`
      find("status").textContent = `${where(right, down)}. Predicted: ${name}.`
    }, QUIET)
  }

  function move(toRight, toDown) {
    const within = (n) => Math.max(-REACH, Math.min(REACH, Math.round(n)))
    ;[right, down] = [within(toRight), within(toDown)]
    pending ||= requestAnimationFrame(draw)
  }

  /** What people do themselves ends a return that is under way. */
  function take(toRight, toDown) {
    turn++
    move(toRight, toDown)
  }

  function putBack() {
    const [fromRight, fromDown, start, mine] = [right, down, performance.now(), ++turn]
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return move(0, 0)
    const step = (time) => {
      const left = Math.max(0, 1 - (time - start) / RETURN) ** 2
      if (turn !== mine) return
      move(fromRight * left, fromDown * left)
      if (left) requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  frame.onpointerdown = (event) => {
    if (event.button) return
    frame.setPointerCapture(event.pointerId)
    turn++
    drag = { x: event.clientX, y: event.clientY, right, down }
  }
  frame.onpointermove = (event) => {
    if (!drag) return
    const step = frame.clientWidth / about.side
    take(drag.right + (event.clientX - drag.x) / step, drag.down + (event.clientY - drag.y) / step)
  }
  frame.onpointerup = frame.onpointercancel = () => (drag = null)
  const ways = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] }
  frame.onkeydown = (event) => {
    const way = ways[event.key.replace("Arrow", "")]
    if (event.key === "Home" || event.key === "Escape") putBack()
    else if (way && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const n = event.shiftKey ? STRIDE : 1
      take(right + n * way[0], down + n * way[1])
    } else return
    event.preventDefault()
  }
  for (const [name, [x, y]] of Object.entries(ways))
    find(name.toLowerCase()).onclick = () => take(right + BUTTON * x, down + BUTTON * y)
  find("reset").onclick = putBack

  createImageBitmap(png).then((bitmap) => {
    colour = bitmap
    drawPicture()
  })
  const drawAll = () => {
    drawStrip(find("before"), pixels)
    draw()
  }
  const watcher = new ResizeObserver(drawAll)
  watcher.observe(box)
  drawAll()

  box.tidy = () => {
    turn++
    watcher.disconnect()
    cancelAnimationFrame(pending)
    clearTimeout(reading)
  }
  return box.tidy
}
