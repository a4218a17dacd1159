import type { Names } from './names.ts'

const readmeOf = ({ worker, text, texts, path, collection, database, event }: Names) => `# ${worker}

Owns ${texts}: one of each order that arrived, opened by its delivery and closed by its buyer, once.

- **Rules** \`${worker}.ts\` (states, decide, evolve). **Verbs** \`commands.ts\`.
- **Routes** (the buyer's own) GET \`${path}\`, POST \`${path}/{orderId}/close\`.
- **Events in** \`order.delivered\` (opens the ${text} of the order). **Events out** \`${event}\`.
- **Storage** (\`${database}\`): \`${collection}\` (state, version and outbox in one document), \`idempotency\`, \`dead_letters\`.

The sweep (cron, each minute) sends what a crash left in outboxes.
`

const indexOf = ({ worker, type }: Names) => `import { consumer } from '../../shared/events/consume'
import { deadLettersRpc } from '../../shared/events/dead-letters-rpc'
import { depsFrom } from './deps'
import { handlers } from './events'
import { app } from './routes'
import { sweep } from './sweep'

export default {
  fetch: app.fetch,
  queue: consumer('${worker}', handlers, depsFrom),
  scheduled: (_tick, env, context) => context.waitUntil(sweep(depsFrom(env))),
} satisfies ExportedHandler<${type}Env>

export const DeadLettersRpc = deadLettersRpc(depsFrom)
`

const rulesOf = ({ noun, type, text }: Names) => `import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'

/** An order has one at most, so it is known by the order's id. */
type Base = { _id: OrderId; buyerId: UserId; openedAt: Instant }
export type Open = Base & { status: 'open' }
export type Closed = Base & { status: 'closed'; note: string; closedAt: Instant }
export type ${type} = Open | Closed

export type Command = { type: 'close'; by: UserId; note: string }
export type ${type}Event = { type: 'closed'; at: Instant; note: string }

/** The ${text} that the delivery of an order opens. */
export const opened = (orderId: OrderId, buyerId: UserId, now: Instant): Open => ({
  ...{ _id: orderId, buyerId, openedAt: now },
  status: 'open',
})

/**
 * What follows from a command; \`[]\` when it is already so.
 * @throws AppError \`not_found\` for everybody but the buyer, \`invalid_state\` when it is closed with another note
 */
export function decide(${noun}: ${type}, { by, note }: Command, now: Instant): ${type}Event[] {
  if (${noun}.buyerId !== by) throw new AppError('not_found')
  switch (${noun}.status) {
    case 'open':
      return [{ type: 'closed', at: now, note }]
    case 'closed':
      if (${noun}.note !== note) throw new AppError('invalid_state', 'The ${text} is closed')
      return []
    default:
      return ${noun} satisfies never
  }
}

/** The ${text} after an event. */
export const evolve = ({ _id, buyerId, openedAt }: ${type}, { note, at }: ${type}Event): ${type} => ({
  ...{ _id, buyerId, openedAt },
  ...{ status: 'closed', note, closedAt: at },
})
`

const commandsOf = ({
  worker,
  noun,
  nouns,
  type,
  text,
  aText,
  event,
}: Names) => `import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import type { ${type}Repo } from './repo'
import { decide, evolve, opened, type ${type} } from './${worker}'

/** Opens the ${text} of an order that was delivered; one that is there already stays as it is. */
export const open = (
  { ${nouns}, now }: { ${nouns}: Pick<${type}Repo, 'add'>; now(): Instant },
  orderId: OrderId,
  buyerId: UserId,
): Promise<void> => ${nouns}.add(opened(orderId, buyerId, now()))

type Needs = {
  ${nouns}: Pick<${type}Repo, 'load' | 'save' | 'flush'>
  event: MakeEvent<'${worker}'>
  publish: Publish
  now(): Instant
}

/** Closes ${aText}, as its buyer. @throws AppError \`not_found\`, \`invalid_state\` */
export async function close(
  { ${nouns}, event, publish, now }: Needs,
  orderId: OrderId,
  by: UserId,
  note: string,
): Promise<${type}> {
  const { ${noun}, outbox } = await retryOnConflict<{ ${noun}: ${type}; outbox: Envelope[] }>(async () => {
    const found = await ${nouns}.load(orderId)
    if (!found) throw new AppError('not_found')
    const [happened] = decide(found, { type: 'close', by, note }, now())
    if (!happened) return { ${noun}: found, outbox: [] }
    const next = evolve(found, happened)
    const outbox = [event('${event}', orderId, { version: found.version + 1, orderId })]
    await ${nouns}.save(found, next, outbox)
    return { ${noun}: next, outbox }
  })
  await ${nouns}.flush(publish, orderId, outbox)
  return ${noun}
}
`

const repoOf = ({ worker, noun, type, collection }: Names) => `import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import { flushOutbox, outboxIndex, type Stored, saveWithEvents, sweepOutbox, withOutbox } from '../../shared/events/outbox'
import type { Publish } from '../../shared/events/publish'
import type { Documents } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import type { ${type} } from './${worker}'

/** State, version and outbox in one document. */
export type ${type}Document = ${type} & Stored

export type ${type}Repo = {
  load(orderId: OrderId): Promise<${type}Document | null>
  /** A buyer's own, newest first. */
  ofBuyer(buyerId: UserId, before: Before, limit: number): Promise<${type}Document[]>
  /** Adds one; it changes nothing when the order has one already. */
  add(${noun}: ${type}): Promise<void>
  /** Writes state and events at once. @throws AppError \`conflict\` when somebody else wrote first */
  save(found: ${type}Document, next: ${type}, events: readonly Envelope[]): Promise<void>
  /** Sends the events of one; what cannot be sent waits for the sweep. */
  flush(publish: Publish, orderId: OrderId, events: readonly Envelope[]): Promise<void>
  /** Sends what a crash left. */
  sweep(publish: Publish): Promise<number>
}

const newestFirst = { openedAt: -1, _id: -1 } as const

export function ${noun}Repo(documents: Documents): ${type}Repo {
  const collection = documents.collection<${type}Document>({
    name: '${collection}',
    indexes: [outboxIndex, { keys: { buyerId: 1, ...newestFirst } }],
  })
  return {
    load: (orderId) => collection.findOne({ _id: orderId }),
    ofBuyer: (buyerId, before, limit) =>
      collection.find({ buyerId, ...olderThan(before, 'openedAt') }, { sort: newestFirst, limit }),
    add: async (${noun}) => {
      try {
        await collection.insertOne({ ...withOutbox([]), ...${noun} })
      } catch (error) {
        if (!AppError.is(error, 'duplicate_key')) throw error
      }
    },
    save: (found, { _id, ...state }, events) => saveWithEvents(collection, found, state, events),
    flush: (publish, orderId, events) => flushOutbox(collection, publish, orderId, events),
    sweep: (publish) => sweepOutbox({ collection, publish }),
  }
}
`

const depsOf = ({ worker, noun, nouns, type }: Names) => `import { perEnvironment } from '../../shared/runtime/per-environment'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type ${type}Repo, ${noun}Repo } from './repo'

export type Deps = BaseDeps<'${worker}'> & { ${nouns}: ${type}Repo }

const partsOf = perEnvironment((env: ${type}Env) => ({ ${nouns}: ${noun}Repo(documentsOf('${worker}', env)) }))

export const depsFrom = (env: ${type}Env, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('${worker}', env, traceparent, overrides),
  ...partsOf(env),
})
`

const eventsOf = ({ worker }: Names) => `import type { Handlers } from '../../shared/contracts/events'
import { open } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'${worker}', Deps> = {
  'order.delivered': ({ data: { orderId, buyerId } }, deps) => open(deps, orderId, buyerId),
}
`

const sweepOf = ({ nouns }: Names) => `import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'

/** What cron does: sends what a crash left, forgets old answers. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => deps.${nouns}.sweep(deps.publish),
    () => sweepIdempotency(deps),
  )
`

const routesOf = ({ worker, noun, nouns, type, text, texts, path }: Names) => `import { z } from '@hono/zod-openapi'
import { idSchema, iso } from '../../shared/contracts/ids'
import { type App, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { line } from '../../shared/http/text'
import { close } from './commands'
import { type Deps, depsFrom } from './deps'
import type { ${type} } from './${worker}'
import { sweep } from './sweep'

const ${type}Dto = z
  .object({
    orderId: z.string(),
    status: z.enum(['open', 'closed']),
    note: z.string().nullable(),
    openedAt: z.iso.datetime(),
  })
  .openapi('${type}')

const tags = ['${texts}']

const listRoute = defineRoute('signed-in', {
  method: 'get',
  path: '${path}',
  tags,
  summary: 'Your ${texts}, newest first',
  request: { query: z.strictObject({ limit: LimitSchema, cursor: CursorSchema.optional() }) },
  responses: { 200: answers('A page of ${texts}', PageSchema(${type}Dto)) },
})

const closeRoute = defineRoute('signed-in', {
  method: 'post',
  path: '${path}/{orderId}/close',
  tags,
  summary: 'Close the ${text} of an order of yours',
  request: { params: z.object({ orderId: idSchema('ord') }), body: jsonBody(z.strictObject({ note: line(500) })) },
  responses: { 200: answers('The ${text}', ${type}Dto) },
})

export const app: App<${type}Env, Deps> = newApp({ worker: '${worker}', depsFrom, sweep })

app.openapi(listRoute, async (c) => {
  const { limit, cursor } = c.req.valid('query')
  const found = await c.var.deps.${nouns}.ofBuyer(requireActor(c).userId, beforeOf(cursor), limit + 1)
  return c.json(
    page(found, limit, to${type}Dto, ({ openedAt, _id }) => [openedAt, _id]),
    200,
  )
})

app.openapi(closeRoute, async (c) => {
  const { note } = c.req.valid('json')
  return c.json(to${type}Dto(await close(c.var.deps, c.req.valid('param').orderId, requireActor(c).userId, note)), 200)
})

const to${type}Dto = (${noun}: ${type}) => ({
  orderId: ${noun}._id,
  status: ${noun}.status,
  note: ${noun}.status === 'closed' ? ${noun}.note : null,
  openedAt: iso(${noun}.openedAt),
})
`

/** What a new Worker consists of, without its tests, by file. */
export const sourceFiles = (names: Names): Record<string, string> => ({
  'README.md': readmeOf(names),
  'index.ts': indexOf(names),
  [`${names.worker}.ts`]: rulesOf(names),
  'commands.ts': commandsOf(names),
  'repo.ts': repoOf(names),
  'deps.ts': depsOf(names),
  'events.ts': eventsOf(names),
  'sweep.ts': sweepOf(names),
  'routes.ts': routesOf(names),
})
