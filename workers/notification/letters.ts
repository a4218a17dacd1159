import type { MailToken } from '../../shared/contracts/auth'

type Text = { subject: string; text: string }

/** The body of every mail. */
export const greeting = (name: string | undefined, body: string): string =>
  `${name ? `Hello ${name},` : 'Hello,'}\n\n${body}\n\nCredenza\n`

/** The token, as a link where the address of the web pages is known. */
const way = (publicUrl: string, page: string, token: string): string =>
  publicUrl ? `${new URL(`${page}?token=${encodeURIComponent(token)}`, publicUrl)}` : token

const until = (expiresAt: number): string => `It works until ${new Date(expiresAt).toUTCString()}.`

export const verificationMail = ({ contact, token, expiresAt }: MailToken, publicUrl: string): Text => ({
  subject: 'Welcome to Credenza',
  text: greeting(
    contact.name,
    `Confirm your e-mail address with this:\n\n${way(publicUrl, '/verify-email', token)}\n\n${until(expiresAt)}`,
  ),
})

export const passwordResetMail = ({ contact, token, expiresAt }: MailToken, publicUrl: string): Text => ({
  subject: 'Choose a new password',
  text: greeting(
    contact.name,
    `Somebody, hopefully you, asked for a new password. Choose it with this:\n\n${way(publicUrl, '/reset-password', token)}\n\n` +
      `${until(expiresAt)} If it was not you, there is nothing to do.`,
  ),
})
