import { z } from '@hono/zod-openapi'

/** Whether a string is text to every store and queue: half a surrogate pair or a NUL is none. */
export const isText = (value: string): boolean => value.isWellFormed() && !value.includes('\0')

/** What a client sent, short enough to be told back. */
export const clip = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…`.toWellFormed() : text)

/** Text of one line, such as a name: it may end up in the head of a mail, so it holds no line breaks or other controls. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line')

/** What may stand for a character that is no text. JSON itself refuses it raw, and UTF-8 cannot hold it. */
const suspicious = /\\u(0000|d[89a-f])/i

/** The path of a string in a JSON document that is not text; undefined when there is none, or when it is no JSON at all. */
export function pathOfBrokenText(json: string): string | undefined {
  if (!suspicious.test(json)) return undefined
  // Not recursive: a document may be nested as deep as its size allows.
  const open: { path: string; value: unknown }[] = [{ path: '', value: parsed(json) }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { path, value } = next
    if (typeof value === 'string' && !isText(value)) return path
    if (typeof value !== 'object' || value === null) continue
    for (const [key, item] of Object.entries(value)) open.push({ path: path === '' ? key : `${path}.${key}`, value: item })
  }
  return undefined
}

/** What is no JSON is refused as such, later. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
