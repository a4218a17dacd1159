import { html } from 'hono/html'
import { layout } from './page-layout'

type Link = { href: string; title: string; about: string }

/** Accounts that a local run has made, and their password. */
export type Demo = { accounts: string; password: string }

const links: readonly Link[] = [
  { href: '/docs', title: 'API reference', about: 'every endpoint, to read and to try' },
  { href: '/v1/openapi.json', title: 'OpenAPI document', about: 'the same for tools' },
  { href: '/health', title: 'Health', about: 'how each Worker is' },
]

const localLinks: readonly Link[] = [
  { href: '/v1/dev/mailbox', title: 'Mails', about: 'what this run has mailed, as it looks' },
  { href: '/v1/dev/events', title: 'Events', about: 'the domain events of the last hour' },
]

const about = 'A multi-seller marketplace: the API that its shop, its sellers and its operators use.'

/** What `/` answers to a client that wants JSON. */
export const landingDocument = (isLocal: boolean) => ({
  name: 'Credenza',
  about,
  links: Object.fromEntries([...links, ...(isLocal ? localLinks : [])].map(({ href, title }) => [title, href])),
})

/** What `/` answers to a browser, until there is a shop in its place. */
export const landingPage = (isLocal: boolean, demo?: Demo) =>
  layout(
    'API',
    html`<h1>Credenza</h1>
    <p>${about}</p>
    <dl>${[...links, ...(isLocal ? localLinks : [])].map(describeLink)}</dl>
    ${isLocal && demo ? describeDemo(demo) : ''}`,
  )

const describeLink = ({ href, title, about }: Link) => html`
      <dt><a href="${href}">${title}</a></dt>
      <dd>${about}</dd>`

const describeDemo = ({ accounts, password }: Demo) => html`
    <h2>Demo accounts of this run</h2>
    <p>${accounts.split(', ').map((account) => html`<code>${account}</code> `)}</p>
    <p>Their password is <code>${password}</code>. Sign in with <code>POST /v1/auth/login</code>.</p>`
