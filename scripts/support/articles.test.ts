import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundle } from './bundle.ts'
import { root } from './configs.ts'

const folder = join(root, 'workers/ai-buddy/search/articles')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const articles = readdirSync(folder)
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ name: file.replace('.md', ''), text: readFileSync(join(folder, file), 'utf8') }))
const textOf = (name: string) => articles.find((article) => article.name === name)?.text ?? ''

/** All that Workers are made of, where a route's path stands as it is served. */
const workers = readdirSync(join(root, 'workers'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => read(join('workers', path)))
const isServed = (path: string) => workers.some((code) => code.includes(`'${path}'`))

describe('support articles', () => {
  test.each(articles)('$name has a title, its own address and sections', ({ name, text }) => {
    expect(text).toMatch(/^---\ntitle: \S.*\nurl: \/help\/\S+\nsources: \S.*\n---\n/u)
    expect(text).toContain(`\nurl: /help/${name}\n`)
    expect(text.match(/^## .+\n\n\S/gmu)?.length ?? 0).toBeGreaterThanOrEqual(2)
  })

  test.each(articles)('$name is true to files and routes that are there', ({ text }) => {
    const sources = /^sources: (.+)$/mu.exec(text)?.[1]?.split(', ') ?? []
    expect(sources.length).toBeGreaterThan(0)
    for (const source of sources) {
      const [, path] = /^(?:GET|POST|PUT|PATCH|DELETE) (.+)$/u.exec(source) ?? []
      expect([source, path === undefined ? existsSync(join(root, source)) : isServed(path)]).toEqual([source, true])
    }
  })

  test('are all in the Worker, as the bundle of it carries them', async () => {
    const { code } = await bundle({ source: `export { texts } from '${join(folder, 'all.ts')}'` })
    for (const { name, text } of articles) {
      expect([name, code.includes(JSON.stringify(text).slice(1, 40)) || code.includes(text.slice(0, 40))]).toEqual([name, true])
    }
  })
})

/** What an article says in a number, and where the number comes from. */
const figures: [article: string, says: RegExp, source: string, is: RegExp][] = [
  ['create-an-account', /valid for (\d+) days/, 'workers/auth/user.ts', /verifyWithin: Instant = (\d+) \* day/],
  ['create-an-account', /at least (\d+) characters/, 'workers/auth/dto.ts', /PasswordSchema = z\.string\(\)\.min\((\d+)\)/],
  ['passwords', /(\d+) to 200 characters/, 'workers/auth/dto.ts', /PasswordSchema = z\.string\(\)\.min\((\d+)\)/],
  ['passwords', /10 to (\d+) characters/, 'workers/auth/dto.ts', /PasswordSchema = z\.string\(\)\.min\(10\)\.max\((\d+)\)/],
  ['passwords', /valid for (\d+) minutes/, 'workers/auth/user.ts', /resetWithin: Instant = (\d+) \* 60_000/],
  ['passwords', /At most (\d+) reset mails/, 'workers/auth/throttle.ts', /mails: (\d+)/],
  ['passwords', /within (\d+) minutes, further/, 'workers/auth/throttle.ts', /windowFor: Instant = (\d+) \* 60_000/],
  ['passwords', /After (\d+) wrong passwords/, 'workers/auth/throttle.ts', /account: (\d+)/],
  ['account-security', /limited to (\d+) attempts/, 'workers/auth/throttle.ts', /account: (\d+)/],
  ['sessions-and-devices', /once in (\d+) days/, 'workers/auth/session.ts', /unusedFor: Instant = (\d+) \* day/],
  ['sessions-and-devices', /for (\d+) days at most/, 'workers/auth/session.ts', /atMost: Instant = (\d+) \* day/],
  ['your-cart', /up to (\d+) different things/, 'workers/cart/cart.ts', /maxLines = (\d+)/],
  ['your-cart', /up to (\d+) pieces/, 'workers/cart/cart.ts', /maxQuantity = (\d+)/],
  ['paying-in-time', /within (\d+) minutes/, 'workers/order/checkout.ts', /payWithin: Instant = (\d+) \* 60_000/],
  ['paying-in-time', /You have (\d+) minutes/, 'workers/order/checkout.ts', /payWithin: Instant = (\d+) \* 60_000/],
  ['availability', /more than (\d+) pieces/, 'workers/inventory/stock.ts', /defaultLowStockThreshold = (\d+)/],
  ['availability', /stock: (\d+) pieces or fewer/, 'workers/inventory/stock.ts', /defaultLowStockThreshold = (\d+)/],
  ['selling-stock', /has (\d+) pieces or fewer/, 'workers/inventory/stock.ts', /defaultLowStockThreshold = (\d+)/],
  ['watch-lists', /wait (\d+) minutes/, 'workers/notification/email/email.ts', /batchFor: Instant = (\d+) \* 60_000/],
  ['watch-lists', /Up to (\d+)\./, 'workers/notification/notify/commands.ts', /maxWatches = (\d+)/],
  [
    'missing-emails',
    /again for (\d+) hours/,
    'workers/notification/notify/delivery.ts',
    /deliverWithin: Instant = (\d+) \* 3_600_000/,
  ],
  ['live-updates', /up to (\d+) updates/, 'workers/notification/live/frame-log.ts', /keepFrames = (\d+)/],
  ['live-updates', /last (\d+) hours/, 'workers/notification/live/frame-log.ts', /keepFor: Instant = (\d+) \* 3_600_000/],
  ['live-updates', /up to (\d+) live connections/, 'workers/notification/live/live-session.do.ts', /maxSockets = (\d+)/],
  ['selling-start', /up to (\d+) variants/, 'workers/product/product.ts', /maxVariants = (\d+)/],
  ['selling-start', /Up to (\d+) tags/, 'workers/product/bodies.ts', /tags:[\s\S]*?\.max\((\d+)\)/],
  ['selling-start', /up to (\d+) pictures/, 'workers/product/bodies.ts', /images:.*\.max\((\d+)\),/],
  [
    'assistant',
    /valid for (\d+) minutes/,
    'workers/ai-buddy/conversation/conversation.ts',
    /proposalLife: Instant = (\d+) \* 60_000/,
  ],
  [
    'assistant-privacy',
    /delete for (\d+) days/,
    'workers/ai-buddy/conversation/conversation.ts',
    /keptFor: Instant = (\d+) \* 24/,
  ],
]

describe('figures in support articles are those of the code', () => {
  test.each(figures)('%s: %s', (article, says, source, is) => {
    const [, said] = says.exec(textOf(article)) ?? []
    const [, meant] = is.exec(read(source)) ?? []
    expect(said).toBeDefined()
    expect(said).toBe(meant)
  })

  test('the commission', () => {
    const [, basisPoints = ''] = /defaultCommission = ([\d_]+)/u.exec(read('workers/order/pricing.ts')) ?? []
    expect(textOf('commission')).toContain(`keeps ${Number(basisPoints.replace('_', '')) / 100} % of`)
  })

  test('the currencies', () => {
    const [, table = ''] = /export const currencies = \{([\s\S]*?)\}/u.exec(read('shared/contracts/money.ts')) ?? []
    expect(textOf('currencies')).toContain(`trades in ${table.match(/[A-Z]{3}:/gu)?.length} currencies`)
  })
})
