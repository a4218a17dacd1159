import type { Locale } from '../content/locale'

/** An e-mail as the provider gets it. */
export type RenderedEmail = { id: string; to: string; subject: string; text: string; html: string }

/** What an e-mail says; its text part and its HTML part are both made from this. */
export type EmailContent = {
  locale: Locale
  subject: string
  hello: string
  before: string[]
  /** A link, or the bare token where there are no web pages. */
  callToAction: { label: string; url: string } | { token: string } | null
  items: { title: string; body: string; url: string | null }[]
  after: string[]
  signature: string
}

export type Recipient = { email: string; name: string | null }
