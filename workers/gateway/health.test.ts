import { describe, expect, it } from 'vitest'
import { answering, backendBindings, marketplace, send } from './testing/fixtures'

/** The marketplace with every Worker in health, but for those given. */
function health(overrides: Record<string, () => Response | Promise<Response>> = {}) {
  const workers = backendBindings.map((name) => [name, answering(overrides[name] ?? (() => Response.json({ ok: true })))])
  return send('/health', {}, marketplace(Object.fromEntries(workers)))
}

const report = (dependencies: object, warnings: string[] = []) => Response.json({ ok: true, dependencies, warnings })

describe('the health of the marketplace', () => {
  it('is ok when every Worker is, and lists the circuit breakers of each', async () => {
    const { status, json } = await health({ PAYMENT: () => report({ database: 'closed', 'payment-provider': 'half-open' }) })
    expect([status, json.status, json.warnings]).toEqual([200, 'ok', []])
    expect(json.workers).toMatchObject({ gateway: 'ok', payment: 'ok', data: 'ok' })
    expect(json.dependencies).toEqual({ 'payment.database': 'closed', 'payment.payment-provider': 'half-open' })
  })

  it.each([
    ['a circuit breaker is open', report({ cache: 'open' }), { 'product.cache': 'open' }, []],
    ['there is a warning', report({}, ['3 dead letters wait']), {}, ['product: 3 dead letters wait']],
  ])('is degraded, with status 200, when %s', async (_when, answer, dependencies, warnings) => {
    expect(await health({ PRODUCT: () => answer })).toMatchObject({
      status: 200,
      json: { status: 'degraded', dependencies, warnings },
    })
  })

  it.each([
    ['answers 500', () => new Response('', { status: 500 })],
    ['throws', () => Promise.reject(new Error('broken'))],
    ['answers something other than JSON', () => new Response('well')],
    ['reports a state that does not exist', () => report({ cache: 'fine' })],
  ])('answers 503 when a Worker %s', async (_how, answer) => {
    const { status, json } = await health({ ORDER: answer, CART: () => report({ cache: 'closed' }) })
    expect([status, json.status, json.workers.order, json.workers.cart]).toEqual([503, 'degraded', 'down', 'ok'])
    expect(json.dependencies).toEqual({ 'cart.cache': 'closed' })
  })
})
