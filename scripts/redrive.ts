import { demoPassword } from './seed.ts'
import { api } from './support/api.ts'
import { baseUrl } from './support/base-url.ts'
import { readArguments, refuseArguments } from './support/help.ts'

const help = `npm run redrive -- [--list | --all | <id>... | --discard <id> --reason "..."]

Redrives and discards dead letters, the messages that a Worker could not handle, of a running marketplace. Without arguments it lists them.

  --list              lists those that wait, newest first, with their errors
  --all               sends all that wait to their Workers once more
  <id>...             sends these once more, such as order:evt_01jd3g5x8zq4m6v9b2c7n1k0hr
  --discard <id>      discards one, for the reason in --reason
  --worker <name>     with --list and --all: only those of one Worker
  --url <address>     where the marketplace runs; http://127.0.0.1:8787 (or PORT) when absent
  --email <address>   the operator's e-mail address, or CREDENZA_EMAIL; the password is in CREDENZA_PASSWORD.
                      When absent, the operator of local runs: operator@example.com

Exits with 1 when something could not be done.`

export type Task =
  | { list: { worker: string | undefined } }
  | { all: { worker: string | undefined } }
  | { ids: readonly string[] }
  | { discard: string; reason: string }

export type Operator = { email: string; password: string }

type Listed = {
  id: string
  type: string | null
  state: string
  failedAt: string
  attempts: number
  parked: number
  error: string
}

/** Runs a task as an operator. Returns whether all of it succeeded. @throws Error when nobody answers, or the sign-in fails */
export async function runTask(
  base: string,
  { email, password }: Operator,
  task: Task,
  say: (line: string) => void,
): Promise<boolean> {
  const { json } = await api(base, 'POST', '/v1/auth/login', { body: { email, password } })
  const token: string = json.accessToken
  const attempt = async (id: string, verb: string, body?: object) => {
    const path = `/v1/dead-letters/${encodeURIComponent(id)}/${verb}`
    const answer = await api(base, 'POST', path, { token, ...(body ? { body } : {}), expect: [200, 404, 409] })
    say(answer.status === 200 ? `${id} ${answer.json.state}` : `${id}: ${answer.json.detail ?? answer.json.title}`)
    return answer.status === 200
  }
  if ('discard' in task) return attempt(task.discard, 'discard', { reason: task.reason })
  if ('ids' in task) {
    const done: boolean[] = []
    for (const id of task.ids) done.push(await attempt(id, 'redrive'))
    return done.every(Boolean)
  }
  if ('all' in task) {
    await redriveAll(base, token, task.all.worker, say)
    return true
  }
  const deadLetters = await open(base, token, task.list.worker)
  for (const { id, type, state, failedAt, attempts, parked, error } of deadLetters) {
    say(
      `${id}\n  ${type ?? 'not an event'}, ${state}, parked ${parked} times, last ${failedAt} after ${attempts} deliveries\n  ${error}`,
    )
  }
  say(deadLetters.length === 0 ? 'No dead letters wait' : `${deadLetters.length} wait`)
  return true
}

/** Sends what waits, until only messages that failed again meanwhile are left. */
async function redriveAll(base: string, token: string, worker: string | undefined, say: (line: string) => void): Promise<void> {
  const sent = new Set<string>()
  for (;;) {
    const before = sent.size
    const { json } = await api(base, 'POST', '/v1/dead-letters/redrive', { token, body: { worker } })
    for (const id of json.deadLetterIds as string[]) sent.add(id)
    if (!json.more || sent.size === before) break
  }
  for (const id of sent) say(`${id} redriven`)
  say(sent.size === 0 ? 'No dead letters wait' : `${sent.size} redriven`)
}

async function open(base: string, token: string, worker: string | undefined): Promise<Listed[]> {
  const found: Listed[] = []
  // A redrive that broke off leaves its dead letter open, too.
  for (const state of ['waiting', 'redriving']) {
    let cursor: string | null = null
    do {
      const query = new URLSearchParams({ state, limit: '100', ...(worker ? { worker } : {}), ...(cursor ? { cursor } : {}) })
      const { json } = await api(base, 'GET', `/v1/dead-letters?${query}`, { token })
      found.push(...json.items)
      cursor = json.nextCursor
    } while (cursor)
  }
  return found
}

function readTask(): { base: string; operator: Operator; task: Task } {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values, positionals: ids } = readArguments(help, {
    ...{ list: flag, all: flag, worker: text, discard: text, reason: text, url: text, email: text },
  })
  const { list, all, worker, discard, reason, url, email } = values
  const asked = [list, all, ids.length > 0, discard !== undefined].filter(Boolean).length
  if (asked > 1) refuseArguments(help, 'Only one of --list, --all, --discard and ids at a time')
  if ((discard === undefined) !== (reason === undefined)) refuseArguments(help, '--discard and --reason go together')
  const operator = {
    email: email ?? process.env.CREDENZA_EMAIL ?? 'operator@example.com',
    password: process.env.CREDENZA_PASSWORD ?? demoPassword,
  }
  const base = url ?? baseUrl()
  if (discard !== undefined) return { base, operator, task: { discard, reason: reason ?? '' } }
  if (ids.length > 0) return { base, operator, task: { ids } }
  return { base, operator, task: all ? { all: { worker } } : { list: { worker } } }
}

if (import.meta.main) {
  const { base, operator, task } = readTask()
  try {
    process.exitCode = (await runTask(base, operator, task, console.log)) ? 0 : 1
  } catch (error) {
    const refused = error instanceof Error && /fetch failed|refused|Unable to connect/i.test(error.message)
    console.error(refused ? `Nothing answers at ${base}. Start the marketplace first: npm start` : String(error))
    process.exitCode = 1
  }
}
