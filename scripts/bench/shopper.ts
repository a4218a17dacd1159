import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, api } from '../support/api.ts'
import { address } from './zipf.ts'

const shippingAddress = { name: 'Bea Bench', line1: '1 Load Street', city: 'Lund', postalCode: '22100', country: 'SE' }
/** How often a shopper looks whether the order is paid, in milliseconds. */
const askAgainAfter = 50
/** How long an order may take to be paid, in milliseconds. */
const timeoutMs = 30_000

/** A new guest. */
export async function shopper(base: string) {
  const headers = address()
  const { json } = await api(base, 'POST', '/v1/auth/guest', { headers })
  const token: string = json.accessToken
  const call = (
    method: string,
    path: string,
    body?: unknown,
    expect?: number[],
    more: Record<string, string> = {},
  ): Promise<Answer> =>
    api(base, method, path, {
      token,
      headers: { ...headers, ...more },
      ...(body === undefined ? {} : { body }),
      ...(expect ? { expect } : {}),
    })

  const tryToOrder = (expect?: number[]) =>
    call('POST', '/v1/orders', { shippingAddress, email: 'bench@example.com' }, expect ?? [201, 409], {
      'idempotency-key': crypto.randomUUID(),
    })

  const confirm = (orderId: string) =>
    call('POST', `/v1/payments/${orderId}/confirm`, { paymentMethod: 'pm_card_visa' }, [202], {
      'idempotency-key': crypto.randomUUID(),
    })

  return {
    call,
    add: (variantId: string, expect?: number[]) => call('POST', '/v1/cart/items', { variantId, quantity: 1 }, expect),
    tryToOrder,
    order: async (): Promise<string> => (await tryToOrder([201])).json.id,
    confirm,
    /** Confirms the payment and waits until the order says that it is paid. */
    pay: async (orderId: string): Promise<void> => {
      await confirm(orderId)
      const end = performance.now() + timeoutMs
      do {
        if (performance.now() > end) throw new Error(`order ${orderId} is not paid`)
        await sleep(askAgainAfter)
      } while ((await call('GET', `/v1/orders/${orderId}`)).json.status === 'pending')
    },
    /** Opens a live session; the answer waits for the frame that says of an order that it is paid. */
    live: async () => {
      const { json: given } = await call('POST', '/v1/realtime/tickets')
      const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/v1/realtime?ticket=${given.ticket}`)
      const waiting = new Map<string, () => void>()
      const early = new Set<string>()
      socket.addEventListener('message', ({ data }) => {
        const frame = JSON.parse(String(data))
        if (frame.type !== 'order.updated' || frame.data.status !== 'paid') return
        const id: string = frame.data.orderId ?? frame.data.id
        if (waiting.has(id)) waiting.get(id)?.()
        else early.add(id)
      })
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve(), { once: true })
        socket.addEventListener('error', () => reject(new Error('the live session did not open')), { once: true })
      })
      return (orderId: string) =>
        new Promise<void>((resolve, reject) => {
          if (early.delete(orderId)) {
            resolve()
            return
          }
          const timer = setTimeout(() => reject(new Error(`no frame says that ${orderId} is paid`)), timeoutMs)
          waiting.set(orderId, () => {
            clearTimeout(timer)
            waiting.delete(orderId)
            resolve()
          })
        })
    },
  }
}
