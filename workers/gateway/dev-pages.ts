import { z } from '@hono/zod-openapi'
import { html } from 'hono/html'
import { type Html, layout, plainPolicy, prefersPage } from './page-layout'

const Mails = z.object({
  items: z.array(z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string(), createdAt: z.string() })),
  nextCursor: z.string().nullable(),
})
const Events = z.object({
  items: z.array(z.looseObject({ type: z.string(), subject: z.string(), time: z.string() })),
  nextCursor: z.string().nullable(),
})

/** The answer of a dev endpoint as a page, for a browser; unchanged for other clients, and when it is no list that has a page. */
export async function asDevPage(request: Request, pathname: string, answer: Response): Promise<Response> {
  const render = pages[pathname]
  if (render === undefined || answer.status !== 200 || request.method !== 'GET' || !prefersPage(request)) return answer
  const page = await render(await answer.json(), new URL(request.url).searchParams)
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': plainPolicy, vary: 'Accept' }
  return new Response(String(page), { headers })
}

const pages: Record<string, (json: unknown, query: URLSearchParams) => Html> = {
  '/v1/dev/mailbox': (json, query) => mailboxPage(Mails.parse(json), query),
  '/v1/dev/events': (json, query) => eventsPage(Events.parse(json), query),
}

/** Each mail in a frame without any rights: what it holds was written by users too. */
const mailboxPage = ({ items, nextCursor }: z.infer<typeof Mails>, query: URLSearchParams) =>
  layout(
    'Mails',
    html`<h1>Mails of this run</h1>
    <p>Newest first; nothing leaves this machine. <code>?to=name@example.com</code> shows those of one recipient. <a href="/">Start</a></p>
    ${items.map(
      ({ to, subject, text, html: body, createdAt }) => html`
    <article>
      <h2>${subject}</h2>
      <p>To ${to}, <time>${createdAt}</time></p>
      <iframe sandbox="" title="${subject}" srcdoc="${body}"></iframe>
      <details><summary>Text part</summary><pre>${text}</pre></details>
    </article>`,
    )}
    ${items.length === 0 ? html`<p>There is none.</p>` : ''}
    ${older(query, nextCursor)}`,
  )

const eventsPage = ({ items, nextCursor }: z.infer<typeof Events>, query: URLSearchParams) =>
  layout(
    'Events',
    html`<h1>Domain events of the last hour</h1>
    <p>Newest first. <a href="/">Start</a></p>
    ${items.map(
      (event) => html`
    <details>
      <summary><time>${event.time.slice(11, 23)}</time> <code>${event.type}</code> ${event.subject}</summary>
      <pre>${JSON.stringify(event, undefined, 2)}</pre>
    </details>`,
    )}
    ${items.length === 0 ? html`<p>There is none.</p>` : ''}
    ${older(query, nextCursor)}`,
  )

function older(query: URLSearchParams, nextCursor: string | null) {
  if (nextCursor === null) return ''
  const next = new URLSearchParams(query)
  next.set('cursor', nextCursor)
  return html`<p><a href="?${next.toString()}">Older</a></p>`
}
