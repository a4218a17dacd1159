/** The languages of our texts. To add one, start here: the code does not compile until every text exists in it. */
export const locales = ['en'] as const
export type Locale = (typeof locales)[number]

/** What a notification says: a title of one line, and the rest. */
export type NotificationText = { title: string; body: string }
