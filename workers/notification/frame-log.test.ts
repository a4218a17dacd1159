import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { aWorld } from './fixtures'
import { keepFor, keepVersionsFor } from './frame-log'
import type { NewFrame } from './live'

const aFrame = (key: string): NewFrame => {
  const subject = { id: newId('crt'), version: 1 }
  return { key, type: 'cart.updated', time: '2026-01-01T00:00:00.000Z', data: {}, subject }
}

describe('the versions of carts and orders', () => {
  it('outlive the frames, go in the end, and keep no newer frame from going after its day', async () => {
    const world = aWorld()
    const stub = world.stub(world.person())
    const age = (milliseconds: number) =>
      runInDurableObject(stub, (_instance, { storage }) => {
        for (const table of ['frames', 'pushed', 'versions']) storage.sql.exec(`UPDATE ${table} SET at = at - ?`, milliseconds)
      })
    const versions = () =>
      runInDurableObject(stub, (_instance, { storage }) => storage.sql.exec('SELECT subject FROM versions').toArray().length)
    await stub.push([aFrame('f1')])
    await age(keepFor)
    await runDurableObjectAlarm(stub)
    expect(await versions()).toBe(1)
    await stub.push([aFrame('f2')])
    const alarm = await runInDurableObject(stub, (_instance, { storage }) => storage.getAlarm())
    expect(alarm).toBeLessThanOrEqual(Date.now() + keepFor)
    await age(keepVersionsFor)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await versions()).toBe(0)
    expect(await runDurableObjectAlarm(stub)).toBe(false)
  })
})
