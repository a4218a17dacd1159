import { z } from '@hono/zod-openapi'
import { AppError } from '../contracts/errors'
import type { Before } from '../storage/place'
import { isText } from './text'

/** `limit` of every list. */
export const LimitSchema = z
  .string()
  // Digits alone: what else JavaScript takes for a number (`0x10`, `1e1`, ` 7 `) is none here.
  .regex(/^([1-9]\d?|100)$/, 'must be an integer from 1 to 100')
  .transform(Number)
  .default(20)
  .openapi({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
export const CursorSchema = z.string().min(1).max(1000)

/** One page: `nextCursor` is null on the last. */
export const PageSchema = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** An opaque cursor of the sort key of the last item of a page. */
export const encodeCursor = (key: readonly (string | number)[]): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(key))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** @throws AppError `validation_failed` for anything that `encodeCursor` did not make for a key of this shape */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, shape: S): z.infer<S> | undefined {
  if (cursor === undefined) return undefined
  const refusal = new AppError('validation_failed', 'cursor: is not one of ours', {
    errors: [{ path: 'cursor', message: 'is not one of ours' }],
  })
  let json: unknown
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) throw refusal
    throw error
  }
  const key = shape.safeParse(json)
  if (!key.success || (Array.isArray(json) && json.some((part) => typeof part === 'string' && !isText(part)))) throw refusal
  return key.data
}

/** The place in a list, newest first, that a cursor of an instant and an id names. @throws AppError `validation_failed` */
export function beforeOf(cursor: string | undefined): Before {
  const key = decodeCursor(cursor, z.tuple([z.number(), z.string()]))
  return key && { at: key[0], id: key[1] }
}

/** Cuts what was read with `limit + 1` into a page. */
export function page<T, D>(
  found: readonly T[],
  limit: number,
  toDto: (item: T) => D,
  key: (item: T) => readonly (string | number)[],
): { items: D[]; nextCursor: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items: items.map(toDto), nextCursor: found.length > limit && last !== undefined ? encodeCursor(key(last)) : null }
}
