import { type Answer, api, type Options, until } from '../support/api.ts'

const color = (code: number) => (text: string) =>
  process.stdout.isTTY || process.env.FORCE_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text
const bold = color(1)
const dim = color(2)
const green = color(32)
const yellow = color(33)
const blue = color(34)
const magenta = color(35)
const cyan = color(36)

type Frame = { seq: number; type: string; data: Record<string, unknown> }
type SeenEvent = {
  id: string
  type: string
  source: string
  time: string
  to: string[]
  subject: string
  data: Record<string, unknown>
  seenAt: number
}

/**
 * Plays requests against a marketplace and prints what they cause: the answers, the domain events (from the local run's own
 * record of them) and the frames on the live sessions, each with its time since the request.
 */
export function startScenario(base: string, print: (line: string) => void) {
  const began = performance.now()
  /** Ids that this story made; an event or a frame of another one is not printed. */
  const ours = new Set<string>()
  const shown = new Set<string>()
  let chapters = 0
  let requests = 0
  let frames = 0
  let lastRequest = performance.now()

  const elapsed = () => dim(`${String(Math.round(performance.now() - lastRequest)).padStart(5)} ms`)
  const mentionsUs = (data: Record<string, unknown>) =>
    Object.values(data).some((value) => typeof value === 'string' && ours.has(value))

  async function request(
    who: string,
    method: string,
    path: string,
    options: Options & { expect?: number[] } = {},
  ): Promise<Answer> {
    lastRequest = performance.now()
    requests++
    const answer = await api(base, method, path, options)
    const verb = bold(method.padEnd(6))
    const status = answer.status < 400 ? green(String(answer.status)) : yellow(String(answer.status))
    print(`  ${cyan(who.padEnd(8))} ${verb} ${path} ${status} ${dim(`${answer.milliseconds.toFixed(0)} ms`)}`)
    return answer
  }

  /** Tells the events that have come since the last call. */
  async function events(): Promise<void> {
    const { json } = await api(base, 'GET', '/v1/dev/events?limit=100')
    for (const event of [...(json.items as SeenEvent[])].reverse()) {
      if (shown.has(event.id) || !(ours.has(event.subject) || mentionsUs(event.data))) continue
      shown.add(event.id)
      const route = `${event.source.replace('/workers/', '')} → ${event.to.join(', ')}`
      // Audit records events once a second, which says nothing about how soon the other Workers handle them.
      const recorded = `recorded after ${event.seenAt - Date.parse(event.time)} ms`
      print(`  ${magenta('event'.padEnd(8))} ${magenta(event.type.padEnd(28))} ${dim(route)} ${dim(recorded)}`)
    }
  }

  /** Waits for an event of a type about something of ours, and prints all that came up to it. */
  async function event(type: string, subject?: string): Promise<void> {
    await until(`the event ${type}`, async () => {
      await events()
      const { json } = await api(base, 'GET', '/v1/dev/events?limit=100')
      return (json.items as SeenEvent[]).some((seen) => seen.type === type && (subject === undefined || mentions(seen, subject)))
    })
    await events()
  }

  /** Opens a live session and prints its frames as they come. */
  async function live(who: string, token: string, last?: number) {
    const { json } = await request(who, 'POST', '/v1/realtime/tickets', { token })
    const query = `ticket=${encodeURIComponent(json.ticket)}${last === undefined ? '' : `&last=${last}`}`
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/v1/realtime?${query}`)
    const seen: Frame[] = []
    socket.addEventListener('message', (message) => {
      const frame = JSON.parse(String(message.data)) as Frame
      seen.push(frame)
      frames++
      print(
        `  ${blue('live'.padEnd(8))} ${blue(`#${frame.seq} ${frame.type}`.padEnd(28))} ${dim(`${who}: ${gist(frame.data)}`)} ${elapsed()}`,
      )
    })
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error('The live session did not open')), { once: true })
    })
    return {
      lastSeq: () => Math.max(0, ...seen.map(({ seq }) => seq)),
      close: () => socket.close(),
      frame: (type: string, test: (data: Record<string, unknown>) => boolean = () => true) =>
        until(`a live ${type}`, async () => seen.find((frame) => frame.type === type && test(frame.data))),
    }
  }

  return {
    request,
    event,
    events,
    live,
    remember: (...ids: string[]) => {
      for (const id of ids) ours.add(id)
    },
    chapter: (title: string) => print(`\n${bold(`${++chapters}. ${title}`)}`),
    say: (line: string) => print(`  ${dim('·'.padEnd(8))} ${line}`),
    end: (verdict: string) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      print(`\n${bold(green(verdict))} ${requests} requests, ${shown.size} events, ${frames} live frames in ${seconds} s.`)
    },
  }
}

const mentions = (event: SeenEvent, id: string) => event.subject === id || Object.values(event.data).includes(id)

/** The few members of a frame that a reader cares for. */
function gist(data: Record<string, unknown>): string {
  const parts = ['number', 'status', 'title', 'itemCount', 'version'].flatMap((key) =>
    typeof data[key] === 'string' || typeof data[key] === 'number' ? [`${key} ${data[key]}`] : [],
  )
  return parts.join(', ')
}
