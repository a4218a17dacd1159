import type { Role } from '../contracts/actor'
import { newId } from '../contracts/ids'
import type { Access } from '../http/authorise'
import { accessExtension } from '../http/authorise'

type Operation = { [accessExtension]?: Access; parameters?: readonly { in: string }[] }
export type Document = { paths: Record<string, Record<string, Operation>> }

/** `METHOD /path` of every route of an OpenAPI document, and who may call it. */
export const routesOf = ({ paths }: Document): Map<string, Access> =>
  new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation[accessExtension] ?? 'public'] as const,
      ),
    ),
  )

/** What somebody owns, and how it is looked at: what its owner reads must be the same after everyone else tried. */
export type Owned<World> = {
  /** The id that stands in the path. */
  of: (world: World) => string
  /** A body with which the owner would succeed. */
  body?: (world: World) => Record<string, unknown>
  /** Where the owner reads what must not change. */
  seen: (world: World) => { by: string; at: string }
  /** The status that all get whose role is let in, where it is not 404, and why that reveals nothing. */
  says?: { status: number; because: string }
}
/** `operators`: an id of something that is for admins alone. `shared`: why what the path names is everyone's. */
export type Case<World> = Owned<World> | { operators: string; body?: Record<string, unknown> } | { shared: string }

/** The routes with something in their path that no case speaks of, and the cases of routes that are no more: both must be none. */
export function findGaps(document: Document, cases: Readonly<Record<string, unknown>>): { missing: string[]; surplus: string[] } {
  const declared = [...routesOf(document).keys()].filter((route) => route.includes('{'))
  return {
    missing: declared.filter((route) => !Object.hasOwn(cases, route)),
    surplus: Object.keys(cases).filter((route) => !declared.includes(route)),
  }
}

/** Whoever is not the owner. `nobody` has no token. */
export const intruders = ['buyer', 'seller', 'guest', 'nobody'] as const satisfies readonly (Role | 'nobody')[]
export type Intruder = (typeof intruders)[number]

/** What an intruder gets: who may not call at all is refused before anything is looked up. */
export function expectedStatus(access: Access, intruder: Intruder, otherwise = 404): number {
  if (access === 'public') return otherwise
  if (intruder === 'nobody') return 401
  return access === 'signed-in' || access.includes(intruder) ? otherwise : 403
}

/** An id that nothing has, with the shape of one that something has: prefix and length stay. */
export const missingLike = (id: string): string => `${id.slice(0, -26)}${newId('req').slice(-26)}`

/**
 * An answer as bytes, with what differs between any two answers taken out: the id that was asked for (in `instance`, and wherever
 * else it is repeated), the request's id and trace, and the date. All else counts: status, every other header, the length.
 */
export async function bytesOf(response: Response, id: string): Promise<string> {
  const varying = ['x-request-id', 'traceparent', 'date', 'cf-ray']
  const headers = [...response.headers].filter(([name]) => !varying.includes(name))
  const body = (await response.text()).replaceAll(response.headers.get('x-request-id') ?? '\0', '<request>')
  return JSON.stringify({ status: response.status, headers, body }).replaceAll(id, '<id>')
}
