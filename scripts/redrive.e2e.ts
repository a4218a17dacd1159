import { beforeAll, expect, it, vi } from 'vitest'
import { newId } from '../shared/contracts/ids'
import { sharedConstellation } from '../shared/testing/e2e/harness'
import { aCanceledOrder } from '../shared/testing/factories'
import { type Operator, runTask, type Task } from './redrive.ts'
import { api } from './support/api.ts'

const operator: Operator = { email: 'operator@example.com', password: 'credenza demo 1' }
let constellation: Awaited<ReturnType<typeof sharedConstellation>>
let base: string

beforeAll(async () => {
  constellation = await sharedConstellation()
  base = constellation.url.origin
  await vi.waitFor(() => api(base, 'GET', '/health'), { timeout: 30_000 })
  await api(base, 'POST', '/v1/dev/accounts', { body: { ...operator, name: 'Operator', role: 'admin' } })
})

/** Runs the script's task. Returns what it says, and whether all of it succeeded. */
async function run(task: Task): Promise<{ done: boolean; text: string }> {
  const lines: string[] = []
  const done = await runTask(base, operator, task, (line) => lines.push(line))
  return { done, text: lines.join('\n') }
}

const list = (worker?: string) => run({ list: { worker } })

/** Sends a Worker a message that it cannot handle, and returns the id of the dead letter. */
async function parkOne(worker: string): Promise<string> {
  const event = { ...aCanceledOrder(), replay: newId('rpl') }
  const inboxes = (await constellation.worker('audit').getEnv()) as Record<string, { send(body: unknown): Promise<void> }>
  await inboxes[`QUEUE_${worker.toUpperCase()}`]?.send(event)
  const id = `${worker}:${event.id}`
  await vi.waitFor(async () => expect((await list(worker)).text).toContain(id), { timeout: 15_000, interval: 100 })
  return id
}

it('lists, redrives and discards dead letters', async () => {
  expect(await list()).toEqual({ done: true, text: 'No dead letters wait' })
  const [payment, inventory] = [await parkOne('payment'), await parkOne('inventory')]
  const listed = await list()
  for (const part of [payment, inventory, 'does not accept replayed events', '2 wait']) expect(listed.text).toContain(part)
  expect((await list('payment')).text).not.toContain(inventory)

  expect(await run({ ids: [payment, 'payment:evt_unknown'] })).toEqual({
    done: false,
    text: `${payment} redriven\npayment:evt_unknown: Not found`,
  })
  // It fails again, and waits again.
  await vi.waitFor(async () => expect((await list()).text).toContain('parked 2 times'), { timeout: 15_000, interval: 100 })
  const all = await run({ all: { worker: undefined } })
  for (const part of [payment, inventory, '2 redriven']) expect(all.text).toContain(part)
  await vi.waitFor(async () => expect((await list()).text).toContain('2 wait'), { timeout: 15_000, interval: 100 })

  for (const id of [payment, inventory]) {
    expect(await run({ discard: id, reason: 'a test' })).toEqual({ done: true, text: `${id} discarded` })
  }
  expect(await run({ discard: payment, reason: 'again' })).toMatchObject({ done: false })
  expect(await list()).toEqual({ done: true, text: 'No dead letters wait' })
})

it('refuses an operator with a wrong password', async () => {
  await expect(
    runTask(base, { ...operator, password: 'a wrong password' }, { list: { worker: undefined } }, () => {}),
  ).rejects.toThrow('401')
})
