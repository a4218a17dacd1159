import { z } from 'zod'

/** What a Worker logged, as Miniflare hands it over. */
export type RuntimeLog = { level: string; message: string; timestamp: number }

const Entry = z.looseObject({ level: z.string(), message: z.string() })
/** A request as the gateway logs it. */
const RequestEntry = z.object({
  message: z.literal('request'),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  ms: z.number(),
  requestId: z.string(),
  userId: z.string(),
})

/** The lines of a log for people: one for a request, and for the rest what was said, its fields, and the stack of an error below it. */
export function formatLog({ level, message, timestamp }: RuntimeLog): string {
  const time = new Date(timestamp).toISOString().slice(11, 23)
  const entry = parse(message)
  if (entry === undefined) return level === 'error' ? `${time} [error] ${message}` : message
  const request = RequestEntry.safeParse(entry).data
  if (request) {
    const { method, path, status, ms, requestId, userId } = request
    return `${time} ${method} ${path} ${status} ${ms} ms ${requestId} ${userId}`
  }
  const { level: own, message: said, error, ...fields } = entry
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [[time, `[${own}]`, said, ...details].join(' '), ...describeError(error)].join('\n')
}

function parse(message: string): z.infer<typeof Entry> | undefined {
  if (!message.startsWith('{')) return undefined
  try {
    return Entry.safeParse(JSON.parse(message)).data
  } catch {
    // Another library's text that happens to begin with a brace.
    return undefined
  }
}

function describeError(error: unknown): string[] {
  if (error === undefined) return []
  const { stack, cause, name, message, ...more } = Object(error)
  const own = Object.keys(more).length > 0 ? ` ${JSON.stringify(more)}` : ''
  const first = typeof stack === 'string' ? stack : typeof error === 'string' ? error : `${name}: ${message}`
  return [`${first.replaceAll(/^/gm, '  ')}${own}`, ...describeError(cause).map((line) => `  caused by ${line.trimStart()}`)]
}

/** What workerd wrote when the code of a Worker threw as it was loaded, with its place first. */
export function describeStartFailure(text: string): string {
  const [, said = text, place = ''] = /service core:user:[\w-]+: (.+?)\\n *at (\S+?)(?:\\n|")/.exec(text) ?? []
  return place === '' ? said : `${place}: ${said}`
}
