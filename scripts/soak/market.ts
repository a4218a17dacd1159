import { type Answer, until } from '../support/api.ts'
import { type Client, client, type Tally } from './client.ts'

export type Person = { id: string; token: string; call: Client }

export type Market = {
  base: string
  tally: Tally
  random: () => number
  sellers: Person[]
  operator: Person
  /** What is sold; some of it scarce. */
  variants: { id: string; productId: string; seller: Person }[]
}

const sellerCount = 3
const productsEach = 4
/** So few that shoppers fight for it, and so many that they do not. */
const stocks = [5, 40, 400, 4_000]

/** The answer that says that it was done. @throws Error for any other */
async function made(answering: Promise<Answer>): Promise<Answer> {
  const answer = await answering
  if (answer.status !== 201) throw new Error(`Not made: ${answer.status} ${JSON.stringify(answer.json)}`)
  return answer
}

/** Somebody with an account of their own. */
async function register(base: string, tally: Tally, random: () => number, role: 'buyer' | 'seller'): Promise<Person> {
  const body = {
    ...{ email: `soak-${crypto.randomUUID()}@example.com`, password: 'a long password of the soak', name: role, role },
    ...(role === 'seller' ? { storeName: 'Soak' } : {}),
  }
  const { json } = await made(client(base, tally, random)('POST', '/v1/auth/register', { body }))
  return { id: json.user.id, token: json.accessToken, call: client(base, tally, random, json.accessToken) }
}

export async function guest(base: string, tally: Tally, random: () => number): Promise<Person> {
  const { json } = await made(client(base, tally, random)('POST', '/v1/auth/guest', { body: {} }))
  return { id: json.user.id, token: json.accessToken, call: client(base, tally, random, json.accessToken) }
}

async function operatorOf(base: string, tally: Tally, random: () => number, password: string): Promise<Person> {
  const body = { email: 'operator@example.com', password }
  const { json } = await client(base, tally, random)('POST', '/v1/auth/login', { body })
  return { id: json.user.id, token: json.accessToken, call: client(base, tally, random, json.accessToken) }
}

/** Sellers with goods on sale, and an operator. `makeOperator` makes the account, whose password it answers. */
export async function openMarket(
  base: string,
  random: () => number,
  makeOperator: () => Promise<{ password: string }>,
): Promise<Market> {
  const tally: Tally = new Map()
  const { password } = await makeOperator()
  const operator = await operatorOf(base, tally, random, password)
  const sellers = await Promise.all(Array.from({ length: sellerCount }, () => register(base, tally, random, 'seller')))
  const variants: Market['variants'] = []
  for (const seller of sellers) {
    for (let index = 0; index < productsEach; index++) {
      const body = {
        ...{ title: `Thing ${index}`, description: 'A thing.', category: 'things', status: 'active' },
        variants: [
          {
            sku: `S-${index}`,
            price: { amount: 500 + Math.floor(random() * 5_000), currency: 'USD' },
            stock: stocks[index % stocks.length],
          },
        ],
      }
      const { json } = await made(seller.call('POST', '/v1/products', { body }))
      variants.push({ id: json.variants[0].id, productId: json.id, seller })
    }
  }
  await until('the goods to be on sale', async () => {
    const { json } = await operator.call('GET', `/v1/products/${variants.at(-1)?.productId}`)
    return json.variants?.[0]?.availability === 'in'
  })
  return { base, tally, random, sellers, operator, variants }
}
