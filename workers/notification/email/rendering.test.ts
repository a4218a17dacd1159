import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { type Email, emailOf } from './email'
import { renderAccountEmail, renderNotice } from './rendering'

const publicUrl = 'https://shop.example'
const recipient = { email: 'a@example.com', name: 'Ada' }

const emailAbout = (content: Email['content'] & { kind: 'notice' | 'digest' }) => {
  const eventId = newId('evt')
  const draft = { _id: `${eventId}:m`, eventId, userId: newId('usr'), guestEmail: null, locale: 'en' as const, content }
  return { ...emailOf(draft, 0, newId, false), content }
}

const notice = (title: string, body = 'Body.', data = {}) =>
  emailAbout({ kind: 'notice', type: 'product.changed', title, body, data })

const token = (value: string, name = 'Ada') => ({
  contact: { userId: newId('usr'), email: 'a@example.com', name, role: 'buyer' as const },
  ...{ token: value, expiresAt: Date.UTC(2026, 10, 24) },
})

const linksIn = (html: string) => [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url]) => url?.replaceAll('&amp;', '&'))

const hostile = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)></title></body>`

describe('a rendered e-mail', () => {
  it('says the same in its text part and its HTML part', () => {
    const eventId = newId('evt')
    const one = {
      eventId,
      type: 'product.changed' as const,
      title: 'Desk has changed',
      body: 'It did.',
      data: { productId: newId('prd') },
    }
    const { subject, text, html } = renderNotice(
      emailAbout({ kind: 'digest', notices: [one, { ...one, title: 'Lamp has changed' }] }),
      recipient,
      publicUrl,
    )
    expect(subject).toBe('2 things are new about products you watch')
    for (const said of [
      'Hello Ada,',
      'This is new about products you watch:',
      'Desk has changed',
      'Lamp has changed',
      'It did.',
      'Credenza',
    ]) {
      expect(text).toContain(said)
      expect(html).toContain(said)
    }
    expect(text).toContain(`- Desk has changed\n  It did.\n  https://shop.example/products/${one.data.productId}\n`)
  })

  it.each([hostile, '</p><a href="https://evil.example">here</a>', '{{7*7}}', '\u202e\u0000'])(
    'escapes text that users wrote: %j',
    (text) => {
      const mails = [
        renderNotice(notice(text, text), { ...recipient, name: text }, publicUrl),
        renderNotice(
          emailAbout({
            kind: 'digest',
            notices: [{ eventId: newId('evt'), type: 'product.changed', title: text, body: text, data: {} }],
          }),
          recipient,
          publicUrl,
        ),
        renderAccountEmail({ _id: 'm', locale: 'en' }, 'verification', token('t', text), publicUrl),
      ]
      for (const { html } of mails) {
        expect(html).not.toMatch(/<script|<img|evil\.example"|onerror=[^&]*>/)
        expect(html.match(/<\/title>|<\/body>/g)).toHaveLength(2)
        for (const link of linksIn(html)) expect(link).toMatch(/^https:\/\/shop\.example\//)
      }
    },
  )

  it.each(['Desk\r\nBcc: everyone@example.com', 'Desk\u2028x', 'a\u0000b', `${'ü'.repeat(500)}`, '😀'.repeat(300)])(
    'has a subject of one line: %j',
    (title) => {
      const { subject } = renderNotice(notice(title), recipient, publicUrl)
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      expect([...subject].length).toBeLessThanOrEqual(200)
      expect(subject.isWellFormed()).toBe(true)
    },
  )

  it('links to our web pages only', () => {
    const productId = newId('prd')
    const orderId = newId('ord')
    expect(linksIn(renderNotice(notice('Desk', 'B', { productId }), recipient, publicUrl).html)).toEqual([
      `${publicUrl}/products/${productId}`,
    ])
    expect(linksIn(renderNotice(notice('Desk', 'B', { orderId }), recipient, publicUrl).html)).toEqual([
      `${publicUrl}/orders/${orderId}`,
    ])
    expect(linksIn(renderNotice(notice('Desk', 'B', { productId: '//evil.example/x' }), recipient, publicUrl).html)).toEqual([
      `${publicUrl}/products/%2F%2Fevil.example%2Fx`,
    ])
    const { text, html } = renderAccountEmail({ _id: 'm', locale: 'en' }, 'password_reset', token('a/b&"'), publicUrl)
    expect(linksIn(html)).toEqual([`${publicUrl}/reset-password?token=a%2Fb%26%22`])
    expect(text).toContain(`Choose a password: ${publicUrl}/reset-password?token=a%2Fb%26%22`)
  })

  it('has no links, and carries the bare token, where there are no web pages', () => {
    expect(linksIn(renderNotice(notice('Desk', 'B', { productId: newId('prd') }), recipient, '').html)).toEqual([])
    const { text, html } = renderAccountEmail({ _id: 'm', locale: 'en' }, 'verification', token('bare-token'), '')
    expect(text).toContain('\n\nbare-token\n\nIt works until Tue, 24 Nov 2026 00:00:00 GMT.\n\n')
    expect([html.includes('>bare-token</p>'), linksIn(html)]).toEqual([true, []])
  })

  it('has a greeting without a name when the name is not known', () => {
    expect(renderNotice(notice('Desk'), { email: 'a@example.com', name: null }, '').text).toMatch(
      /^Hello,\n\nBody\.\n\nCredenza\n$/,
    )
  })
})
