import { append, insertAfter, MissingPlace } from './edits.ts'
import type { Names } from './names.ts'

type Edit = { path: string; change: (text: string) => string }

const producer = ({ worker, binding }: Names) => `{ "binding": "QUEUE_${binding}", "queue": "credenza-${worker}" }`

/** What names a new Worker in files that are there: lists, bindings, the route to it, and the cases of tests that go through all routes. */
const edits = (names: Names): Edit[] => {
  const { worker, noun, aText, path, event, binding } = names
  const ownList = `'${path}'`
  return [
    {
      path: 'shared/contracts/workers.ts',
      change: (text) => append(text, [/export const workers = \[/], `'${worker}'`),
    },
    {
      path: 'shared/contracts/events.ts',
      change: (text) => {
        const consumed = append(text, [/'order\.delivered': event\(\{/, /to: \[/], `'${worker}'`)
        const data = "z.object({ version, orderId: idSchema('ord') })"
        const entry = `/** The buyer closed ${aText}. */\n'${event}': event({ from: '${worker}', to: [], data: ${data} })`
        return append(consumed, [/export const events = \{/], entry)
      },
    },
    {
      path: 'wrangler/gateway.jsonc',
      change: (text) => append(text, [/"services": \[/], `{ "binding": "${binding}", "service": "credenza-${worker}" }`),
    },
    {
      path: 'wrangler/audit.jsonc',
      change: (text) => {
        const service = `{ "binding": "DEAD_LETTERS_${binding}", "service": "credenza-${worker}", "entrypoint": "DeadLettersRpc" }`
        return append(append(text, [/"services": \[/], service), [/"producers": \[/], producer(names))
      },
    },
    {
      path: 'wrangler/order.jsonc',
      change: (text) => append(text, [/"producers": \[/], producer(names)),
    },
    {
      path: 'workers/gateway/routing.ts',
      change: (text) => {
        const pattern = path.replaceAll('/', '\\/')
        return append(text, [/const routes\b[^=]*= \[/], `[/^${pattern}(\\/|$)/, '${worker}']`)
      },
    },
    {
      path: 'tsconfig.json',
      change: (text) => append(text, [/"references": \[/], `{ "path": "./workers/${worker}" }`),
    },
    {
      path: 'shared/testing/world/modules.ts',
      change: (text) => {
        const member = worker === noun ? noun : `'${worker}': ${noun}`
        return `import * as ${noun} from '#worker/${worker}'\n${append(text, [/export const modules = \{/], member)}`
      },
    },
    {
      path: 'shared/testing/isolation-cases.ts',
      change: (text) => {
        const own = `of: ({ order }) => order, body: () => ({ note: 'Taken over' })`
        const entry = `'POST ${path}/{orderId}/close': { ${own}, seen: () => ({ by: 'buyer', at: ${ownList} }) }`
        return append(text, [/export const cases\b[^=]*= \{/], entry)
      },
    },
    {
      path: 'scripts/invocations.e2e.ts',
      change: (text) => {
        const lines = [
          `await client.eventually(buyer, ${ownList}, ({ json }) => json.items.length > 0)`,
          `await count('GET ${path}', buyer, ${ownList})`,
          `await count('POST ${path}/{orderId}/close', buyer, \`${path}/\${order.json.id}/close\`, { note: 'Counted' })`,
        ]
        return insertAfter(text, /await count\('POST \/v1\/orders\/\{id\}\/deliveries'/, lines.join('\n'))
      },
    },
  ]
}

/** The files that name the Workers, with one more in each. @throws MissingPlace that says which file is not as expected */
export function wire(names: Names, read: (path: string) => string): Map<string, string> {
  return new Map(
    edits(names).map(({ path, change }) => {
      try {
        return [path, change(read(path))]
      } catch (error) {
        if (error instanceof MissingPlace) throw new MissingPlace(`${path}: ${error.message}`)
        throw error
      }
    }),
  )
}
