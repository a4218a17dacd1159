import { describe, expect, it } from 'vitest'
import { answering, marketplace, send } from './testing/fixtures'

const browser = { headers: { accept: 'text/html,*/*;q=0.8' } }
const mail = {
  id: 'evt_1',
  to: 'ada@example.com',
  subject: 'Hello <b>Ada</b>',
  text: 'Plain & simple',
  html: '<p title="x">Hello</p><script>alert(1)</script>',
  createdAt: '2026-01-01T00:00:00.000Z',
}
const event = {
  id: 'evt_1',
  type: 'order.paid',
  subject: 'ord_1',
  time: '2026-01-01T00:00:00.000Z',
  data: { note: '</pre><script>' },
}
/** A marketplace in which those that keep mails and events answer alike. */
const keeping = (body: unknown, status = 200) => {
  const keeper = answering(() => Response.json(body, { status }))
  return marketplace({ NOTIFICATION: keeper, AUDIT: keeper })
}
const mailbox = 'http://localhost:8787/v1/dev/mailbox'

describe('the page of mails', () => {
  it('shows each mail as it looks, in a frame that may do nothing, with its text', async () => {
    const { text, headers } = await send(mailbox, browser, keeping({ items: [mail], nextCursor: null }))
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(text).toContain('<h2>Hello &lt;b&gt;Ada&lt;/b&gt;</h2>')
    expect(text).toContain('To ada@example.com')
    expect(text).toContain('<pre>Plain &amp; simple</pre>')
    expect(text).toMatch(
      /<iframe sandbox="" title="[^"]*" srcdoc="&lt;p title=&quot;x&quot;&gt;Hello&lt;\/p&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;">/,
    )
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*; style-src 'unsafe-inline'$/)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('links the next page with the same recipient', async () => {
    const { text } = await send(`${mailbox}?to=a%40b.c&limit=1`, browser, keeping({ items: [mail], nextCursor: 'n/2' }))
    expect(text).toContain('href="?to=a%40b.c&amp;limit=1&amp;cursor=n%2F2"')
  })

  it('says so when there is none', async () =>
    expect((await send(mailbox, browser, keeping({ items: [], nextCursor: null }))).text).toContain('There is none.'))
})

it('the page of events shows each event, with its data as text', async () => {
  const { text } = await send('http://127.0.0.1/v1/dev/events', browser, keeping({ items: [event], nextCursor: null }))
  expect(text).toContain('<code>order.paid</code> ord_1')
  expect(text).toContain('&lt;/pre&gt;&lt;script&gt;')
  expect(text).not.toContain('<script')
})

describe('an endpoint of local runs', () => {
  it('stays JSON to a client that does not prefer pages', async () => {
    const found = { items: [mail], nextCursor: null }
    expect((await send(mailbox, {}, keeping(found))).json).toEqual(found)
  })

  it('passes a problem on as it is', async () => {
    const { status, json } = await send(mailbox, browser, keeping({ code: 'validation_failed' }, 422))
    expect([status, json.code]).toEqual([422, 'validation_failed'])
  })

  it.each(['localhost:8787', 'LOCALHOST', 'shop.localhost', '127.0.0.1:9000', '127.1.2.3', '[::1]:8787'])(
    'answers at %s, a name of this machine',
    async (host) => expect((await send(`http://${host}/v1/dev/mailbox`)).status).toBe(200),
  )

  it.each(['rebound.example', 'localhost.rebound.example', '127.0.0.1.rebound.example', '0.0.0.0', '192.168.0.7', '[fe80::1]'])(
    'refuses to answer at %s, which another page may be called too',
    async (host) => {
      for (const [method, path] of [
        ['GET', '/v1/dev/mailbox'],
        ['GET', '/v1/dev/%6dailbox'],
        ['GET', '/v1/dev/events'],
        ['POST', '/v1/dev/accounts'],
        ['POST', '/v1/dev/sweep'],
      ] as const) {
        const { status, json } = await send(`http://${host}${path}`, { method })
        expect([path, status, json.code]).toEqual([path, 403, 'forbidden'])
      }
      expect((await send(`http://${host}/v1/products`)).status).toBe(200)
    },
  )
})
