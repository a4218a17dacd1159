import { createParser } from 'eventsource-parser'
import { until } from '../support/api.ts'
import type { startScenario } from './scenario.ts'

type Play = ReturnType<typeof startScenario>
type Done = { conversationId: string; proposal: unknown; generator: string; fallback: string | null }
type Suggestion = { id: string; kind: string; title?: string; evidence: unknown; proposal: unknown }

const usd = (amount: number) => ({ amount, currency: 'USD' })

/** A dialogue with the assistant, and what it suggests to a seller. */
export async function playAssistant(base: string, { request, chapter, say, remember, event, live }: Play): Promise<void> {
  const run = Date.now().toString(36)
  const join = async (who: string, body: Record<string, string>) => {
    const { json } = await request(who, 'POST', '/v1/auth/register', {
      body: { email: `${who}-${run}@example.com`, password: 'correct horse battery staple', ...body },
    })
    remember(json.user.id)
    return json.accessToken as string
  }

  chapter('A shopper asks; the answer comes in pieces, with its sources')
  const shopper = await join('shopper', { name: 'Dana Demo', role: 'buyer' })
  let conversationId: string | undefined
  const ask = async (message: string): Promise<Done> => {
    say(`“${message}”`)
    const done = await listen(base, shopper, { message, ...(conversationId ? { conversationId } : {}) }, say)
    conversationId = done.conversationId
    return done
  }
  await ask('Which lamps do you have under $100?')
  await ask('I am looking for a copper kettle')
  await ask('Is it in stock?')
  await ask('How long do I have to pay for an order?')

  chapter('It puts nothing into the cart before the shopper says yes')
  const session = await live('shopper', shopper)
  await ask('Add the copper kettle to my cart')
  say(`in the cart: ${(await request('shopper', 'GET', '/v1/cart', { token: shopper })).json.itemCount}`)
  await ask('yes')
  await session.frame('cart.updated', (data) => data.itemCount === 1)
  say(`in the cart: ${(await request('shopper', 'GET', '/v1/cart', { token: shopper })).json.itemCount}`)
  await ask('What is in my cart?')
  session.close()

  chapter('What it remembers is for the shopper to see, and to erase')
  const interests = await request('shopper', 'GET', '/v1/assistant/interests', { token: shopper })
  for (const { category, why } of interests.json.items) say(`${category}: ${why.join(', ')}`)
  await request('shopper', 'DELETE', `/v1/assistant/conversations/${conversationId}`, { token: shopper })
  await request('shopper', 'GET', `/v1/assistant/conversations/${conversationId}`, { token: shopper, expect: [404] })

  chapter('A rival has two lamps on sale, and a seller lists one in a hurry')
  const list = async (who: string, token: string, body: { title: string; description: string; price: number }) => {
    const { price, ...page } = body
    const { json } = await request(who, 'POST', '/v1/products', {
      token,
      body: {
        ...{ ...page, category: 'lighting', tags: ['lamp', 'table'], status: 'active' },
        variants: [{ sku: `${page.title.replaceAll(' ', '-')}-${run}`, price: usd(price), stock: 20 }],
      },
    })
    remember(json.id)
    await event('product.updated', json.id)
    return json.id as string
  }
  const rival = await join('rival', { name: 'Ren Rival', role: 'seller', storeName: `Lights ${run}` })
  await list('rival', rival, { title: 'Slate table lamp', description: 'A base of slate and a shade of linen.', price: 8_900 })
  await list('rival', rival, { title: 'Copper table lamp', description: 'Spun copper with a dimmer on the cord.', price: 9_400 })
  const seller = await join('seller', { name: 'Mo Maker', role: 'seller', storeName: `Workshop ${run}` })
  const productId = await list('seller', seller, { title: 'LAMP', description: 'Table lamp, steel.', price: 19_900 })
  await request('seller', 'POST', '/v1/dev/sweep')

  chapter('The assistant suggests, with evidence; one call applies it')
  const suggestions = await until('suggestions', async () => {
    const { json } = await request('seller', 'GET', '/v1/assistant/seller/suggestions', { token: seller })
    const items: Suggestion[] = json.items
    return items.some(({ kind }) => kind === 'price') && items
  })
  for (const { kind, evidence, proposal } of suggestions) {
    say(`${kind}: ${clip(JSON.stringify(proposal))}`)
    say(`because ${clip(JSON.stringify(evidence))}`)
  }
  const price = suggestions.find(({ kind }) => kind === 'price')
  if (price) {
    await request('seller', 'POST', `/v1/assistant/seller/suggestions/${price.id}/apply`, { token: seller, body: {} })
    const { json } = await request('seller', 'GET', `/v1/products/${productId}`, { token: seller })
    say(`the price is now ${(json.variants[0].price.amount / 100).toFixed(2)}`)
  }
  const other = suggestions.find(({ kind }) => kind !== 'price')
  if (other) await request('seller', 'POST', `/v1/assistant/seller/suggestions/${other.id}/dismiss`, { token: seller, body: {} })
}

const clip = (text: string): string => (text.length > 220 ? `${text.slice(0, 217)}...` : text)

/** Sends a message and prints the answer as it comes. */
async function listen(base: string, token: string, body: object, say: (line: string) => void): Promise<Done> {
  const response = await fetch(`${base}/v1/assistant/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(body),
  })
  if (!response.ok || !response.body) throw new Error(`The assistant answered ${response.status}: ${await response.text()}`)
  let done: Done | undefined
  let text = ''
  let pieces = 0
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const part = JSON.parse(data)
      pieces += 1
      if (event === 'token') text += part.text
      if (event === 'citation') say(`[${part.n}] ${part.kind}: ${part.title}`)
      if (event === 'done') done = part
      if (event === 'error') throw new Error(`The assistant broke off: ${data}`)
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body) parser.feed(decoder.decode(chunk, { stream: true }))
  if (!done) throw new Error('The answer has no end')
  for (const line of text.split('\n')) say(line)
  say(`${pieces} pieces, planned by ${done.generator}${done.fallback ? ` (${done.fallback})` : ''}`)
  return done
}
