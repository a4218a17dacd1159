import { z } from '@hono/zod-openapi'
import type { FieldError } from '../contracts/errors'

/** Whether a string is text to every store and queue: half a surrogate pair or a NUL is none. */
export const isText = (value: string): boolean => value.isWellFormed() && !value.includes('\0')

/** A client's own text, short enough to be repeated in an error. */
export const clip = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…`.toWellFormed() : text)

/** Text of one line, such as a name: it may end up in the head of a mail, so it holds no line breaks or other controls. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line')

/** Names that every object of the language has already: under one of them a value gets lost, or changes what an object is. */
const reserved = new Set(['__proto__', 'constructor', 'prototype'])

/** What may stand for a character that is no text (JSON itself refuses it raw, and UTF-8 cannot hold it), or for such a name. */
const suspicious = /\\u(00|d[89a-f])|"(__proto__|constructor|prototype)"/i

/** What of a JSON document no store would take, and why; undefined when there is nothing, or when it is no JSON at all. */
export function findBroken(json: string): FieldError | undefined {
  if (!suspicious.test(json)) return undefined
  // Not recursive: a document may be nested as deep as its size allows.
  const open: { path: string; value: unknown }[] = [{ path: '', value: parsed(json) }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { path, value } = next
    if (typeof value === 'string' && !isText(value)) return { path: clip(path), message: 'is not valid Unicode text' }
    if (typeof value !== 'object' || value === null) continue
    for (const [key, item] of Object.entries(value)) {
      const below = path === '' ? key : `${path}.${key}`
      if (reserved.has(key)) return { path: clip(below), message: 'is a name that no field may have' }
      open.push({ path: below, value: item })
    }
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
