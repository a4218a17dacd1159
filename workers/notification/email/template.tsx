/** @jsxImportSource hono/jsx */
import type { EmailContent } from './content'

/** Mail clients support style attributes instead of style sheets, and one column instead of layouts. */
const styles = {
  page: 'margin:0;padding:24px 12px;background:#f4f4f1;color:#1d1d1b;font:16px/1.5 Georgia,serif',
  card: 'max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #deded6;border-radius:6px',
  title: 'margin:0 0 24px;font:bold 22px/1.3 Georgia,serif',
  paragraph: 'margin:0 0 16px;white-space:pre-line;overflow-wrap:anywhere',
  button: 'display:inline-block;padding:12px 20px;background:#1f4d3a;color:#ffffff;text-decoration:none;border-radius:4px',
  token: 'margin:0 0 16px;padding:12px;background:#f4f4f1;font:14px/1.4 monospace;overflow-wrap:anywhere',
  list: 'margin:0 0 16px;padding:0;list-style:none',
  item: 'padding:12px 0;border-top:1px solid #deded6;overflow-wrap:anywhere',
  link: 'color:#1f4d3a',
  signature: 'margin:24px 0 0;color:#6b6b64',
}

const CallToAction = ({ callToAction }: Pick<EmailContent, 'callToAction'>) => {
  if (callToAction === null) return null
  if ('token' in callToAction) return <p style={styles.token}>{callToAction.token}</p>
  return (
    <p style={styles.paragraph}>
      <a style={styles.button} href={callToAction.url}>
        {callToAction.label}
      </a>
    </p>
  )
}

const Items = ({ items }: Pick<EmailContent, 'items'>) => (
  <ul style={styles.list}>
    {items.map(({ title, body, url }) => (
      <li style={styles.item}>
        <strong>
          {url ? (
            <a style={styles.link} href={url}>
              {title}
            </a>
          ) : (
            title
          )}
        </strong>
        <br />
        {body}
      </li>
    ))}
  </ul>
)

const Page = ({ locale, subject, hello, before, callToAction, items, after, signature }: EmailContent) => (
  <html lang={locale}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>{subject}</title>
    </head>
    <body style={styles.page}>
      <div style={styles.card}>
        <h1 style={styles.title}>{subject}</h1>
        {[hello, ...before].map((text) => (
          <p style={styles.paragraph}>{text}</p>
        ))}
        <CallToAction callToAction={callToAction} />
        {items.length > 0 && <Items items={items} />}
        {after.map((text) => (
          <p style={styles.paragraph}>{text}</p>
        ))}
        <p style={styles.signature}>{signature}</p>
      </div>
    </body>
  </html>
)

/** The HTML part of an e-mail. All text is escaped, because users write titles and names. */
export const renderHtml = (content: EmailContent): string => `<!doctype html>${(<Page {...content} />).toString()}`
