import type { Contact, MailToken } from '../../../shared/contracts/auth'
import type { Instant } from '../../../shared/contracts/ids'
import type { NotificationData } from '../content/notification'
import { type Locale, type Texts, texts } from '../content/locales/texts'
import type { Mail, Told } from './email'
import { renderHtml } from './template'

/** A mail as the provider gets it. */
export type Letter = { id: string; to: string; subject: string; text: string; html: string }

/** What a letter says; both of its parts are made from it. */
export type Content = {
  locale: Locale
  subject: string
  hello: string
  before: string[]
  /** Where it leads: a link, or the bare token where there are no web pages. */
  way: { label: string; url: string } | { token: string } | null
  items: { title: string; body: string; url: string | null }[]
  after: string[]
  signature: string
}

/** Whom a letter goes to. */
export type Addressee = { email: string; name: string | null }

/** @param publicUrl where the web pages are, empty when there are none: links lead nowhere else */
export function letterAbout(
  { _id: id, locale, content }: Mail & { content: { kind: 'notice' | 'digest' } },
  { email, name }: Addressee,
  publicUrl: string,
): Letter {
  const { mails } = texts[locale]
  const frame = { locale, hello: mails.hello(name), after: [], signature: mails.signature }
  if (content.kind === 'notice') {
    const way = wayTo(content.data, mails, publicUrl)
    return letterOf(id, email, { ...frame, subject: content.title, before: [content.body], way, items: [] })
  }
  const { subject, before } = mails.digest(content.told.length)
  const items = content.told.map(({ title, body, data }: Told) => ({
    title,
    body,
    url: wayTo(data, mails, publicUrl)?.url ?? null,
  }))
  return letterOf(id, email, { ...frame, subject, before: [before], way: null, items })
}

/** The letter that carries a token. */
export function accountLetter(
  { _id: id, locale }: Pick<Mail, '_id' | 'locale'>,
  kind: 'verification' | 'password_reset',
  { contact, token, expiresAt }: MailToken,
  publicUrl: string,
): Letter {
  const { mails } = texts[locale]
  const { subject, before, action, after } = accountMail(mails, kind)
  const page = kind === 'verification' ? '/verify-email' : '/reset-password'
  const way = publicUrl ? { label: action, url: urlOf(`${page}?token=${encodeURIComponent(token)}`, publicUrl) } : { token }
  const content = { locale, subject, hello: mails.hello(contact.name), before: [before], way, items: [] }
  return letterOf(id, contact.email, { ...content, after: [after(expiresAt)], signature: mails.signature })
}

const accountMail = (mails: Texts['mails'], kind: 'verification' | 'password_reset') =>
  kind === 'verification' ? mails.verification : mails.passwordReset

/** What a mail is about, in a line. */
export function subjectOf({ locale, content }: Pick<Mail, 'locale' | 'content'>): string {
  const { mails } = texts[locale]
  if (content.kind === 'notice') return content.title
  return content.kind === 'digest' ? mails.digest(content.told.length).subject : accountMail(mails, content.kind).subject
}

export const addresseeOf = (contact: Contact | null, guestEmail: string | null): Addressee | null => {
  const email = contact?.email ?? guestEmail
  return email ? { email, name: contact?.name ?? null } : null
}

export const isOver = ({ expiresAt }: MailToken, now: Instant): boolean => expiresAt <= now

function wayTo({ orderId, productId }: NotificationData, { seeOrder, seeProduct }: Texts['mails'], publicUrl: string) {
  if (!publicUrl) return null
  if (orderId) return { label: seeOrder, url: urlOf(`/orders/${encodeURIComponent(orderId)}`, publicUrl) }
  return productId ? { label: seeProduct, url: urlOf(`/products/${encodeURIComponent(productId)}`, publicUrl) } : null
}

const urlOf = (path: string, publicUrl: string): string => new URL(path, publicUrl).toString()

/** The longest subject; what is longer is cut by mail clients anyway. */
const longestSubject = 200

function letterOf(id: string, to: string, content: Content): Letter {
  const subject = oneLine(content.subject)
  const whole = { ...content, subject }
  return { id, to, subject, text: textOf(whole), html: renderHtml(whole) }
}

/** A line break in a subject would begin another header. */
const oneLine = (text: string): string =>
  [...text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()].slice(0, longestSubject).join('')

function textOf({ hello, before, way, items, after, signature }: Content): string {
  const listed = items.map(({ title, body, url }) =>
    [`- ${oneLine(title)}`, `  ${body}`, ...(url ? [`  ${url}`] : [])].join('\n'),
  )
  const led = way === null ? [] : 'token' in way ? [way.token] : [`${way.label}: ${way.url}`]
  return `${[hello, ...before, ...led, ...listed, ...after, signature].join('\n\n')}\n`
}
