import type { Contact, MailToken } from '../../../shared/contracts/auth'
import type { Instant } from '../../../shared/contracts/ids'
import { texts } from '../content/i18n'
import type { Texts } from '../content/locales/texts'
import type { NotificationData } from '../content/notification'
import type { EmailContent, Recipient, RenderedEmail } from './content'
import type { Email, EmailItem } from './email'
import { renderHtml } from './template'

/** @param publicUrl the address of the web pages, empty when there are none; links lead nowhere else */
export function renderNotice(
  { _id: id, locale, content }: Email & { content: { kind: 'notice' | 'digest' } },
  { email, name }: Recipient,
  publicUrl: string,
): RenderedEmail {
  const { emails } = texts[locale]
  const frame = { locale, hello: emails.hello(name), after: [], signature: emails.signature }
  if (content.kind === 'notice') {
    const callToAction = linkTo(content.data, emails, publicUrl)
    return render(id, email, { ...frame, subject: content.title, before: [content.body], callToAction, items: [] })
  }
  const { subject, before } = emails.digest(content.notices.length)
  const items = content.notices.map(({ title, body, data }: EmailItem) => ({
    title,
    body,
    url: linkTo(data, emails, publicUrl)?.url ?? null,
  }))
  return render(id, email, { ...frame, subject, before: [before], callToAction: null, items })
}

/** Renders an e-mail that carries a token. */
export function renderAccountEmail(
  { _id: id, locale }: Pick<Email, '_id' | 'locale'>,
  kind: 'verification' | 'password_reset',
  { contact, token, expiresAt }: MailToken,
  publicUrl: string,
): RenderedEmail {
  const { emails } = texts[locale]
  const { subject, before, action, after } = accountTexts(emails, kind)
  const page = kind === 'verification' ? '/verify-email' : '/reset-password'
  const callToAction = publicUrl
    ? { label: action, url: urlOf(`${page}?token=${encodeURIComponent(token)}`, publicUrl) }
    : { token }
  const content = { locale, subject, hello: emails.hello(contact.name), before: [before], callToAction, items: [] }
  return render(id, contact.email, { ...content, after: [after(expiresAt)], signature: emails.signature })
}

const accountTexts = (emails: Texts['emails'], kind: 'verification' | 'password_reset') =>
  kind === 'verification' ? emails.verification : emails.passwordReset

export function subjectOf({ locale, content }: Pick<Email, 'locale' | 'content'>): string {
  const { emails } = texts[locale]
  if (content.kind === 'notice') return content.title
  return content.kind === 'digest' ? emails.digest(content.notices.length).subject : accountTexts(emails, content.kind).subject
}

/** Who gets an e-mail; null when no address is known. */
export const recipientOf = (contact: Contact | null, guestEmail: string | null): Recipient | null => {
  const email = contact?.email ?? guestEmail
  return email ? { email, name: contact?.name ?? null } : null
}

export const isExpired = ({ expiresAt }: MailToken, now: Instant): boolean => expiresAt <= now

function linkTo({ orderId, productId }: NotificationData, { seeOrder, seeProduct }: Texts['emails'], publicUrl: string) {
  if (!publicUrl) return null
  if (orderId) return { label: seeOrder, url: urlOf(`/orders/${encodeURIComponent(orderId)}`, publicUrl) }
  return productId ? { label: seeProduct, url: urlOf(`/products/${encodeURIComponent(productId)}`, publicUrl) } : null
}

const urlOf = (path: string, publicUrl: string): string => new URL(path, publicUrl).toString()

/** Mail clients cut longer subjects anyway. */
const maxSubjectLength = 200

function render(id: string, to: string, content: EmailContent): RenderedEmail {
  const subject = oneLine(content.subject)
  const whole = { ...content, subject }
  return { id, to, subject, text: textOf(whole), html: renderHtml(whole) }
}

/** A line break in a subject would begin another header. */
const oneLine = (text: string): string =>
  [...text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()].slice(0, maxSubjectLength).join('')

function textOf({ hello, before, callToAction, items, after, signature }: EmailContent): string {
  const listed = items.map(({ title, body, url }) =>
    [`- ${oneLine(title)}`, `  ${body}`, ...(url ? [`  ${url}`] : [])].join('\n'),
  )
  const action =
    callToAction === null ? [] : 'token' in callToAction ? [callToAction.token] : [`${callToAction.label}: ${callToAction.url}`]
  return `${[hello, ...before, ...action, ...listed, ...after, signature].join('\n\n')}\n`
}
