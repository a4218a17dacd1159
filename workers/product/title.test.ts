import { describe, expect, it } from 'vitest'
import { title } from './title'

const messageOf = (text: string) =>
  title(200)
    .safeParse(text)
    .error?.issues.map(({ message }) => message)

describe('an honest title is accepted', () => {
  it.each([
    ['Latin', ['Walnut writing desk', 'Café crème mug', 'Straße & Größe, 3. Auflage', 'Ghế gỗ sồi', 'Þvottavél', 'Đèn bàn']],
    ['Greek, Cyrillic, Armenian, Georgian', ['Επιτραπέζιο φωτιστικό', 'Настольная лампа №5', 'Սեղանի լամպ', 'მაგიდის ნათურა']],
    [
      'Arabic, Persian, Urdu, Hebrew',
      ['مصباح مكتب ٤٠ واط', 'می‌خواهم چراغ', 'میز کا لیمپ', 'מנורת שולחן 12״', 'מנורה\u200f (LED)'],
    ],
    ['Indic', ['टेबल लैम्प', 'টেবিল ল্যাম্প', 'மேசை விளக்கு', 'టేబుల్ ల్యాంప్', 'ക്‍ഷ വിളക്ക്', 'මේස ලාම්පුව', 'ਟੇਬਲ ਲੈਂਪ']],
    ['Thai, Lao, Khmer, Burmese, Tibetan', ['โคมไฟ\u200bตั้งโต๊ะ', 'ໂຄມໄຟ', 'អំពូល\u200bតុ', 'စားပွဲမီး', 'ཅོག་ཙེའི་གློག་བཞུ།']],
    ['Chinese, Japanese, Korean', ['机械键盘 茶轴 87键', '檯燈「經典款」', '卓上ランプ（木製）', '책상 램프', 'ﾃﾞｽｸﾗﾝﾌﾟ']],
    ['Ethiopic, Mongolian, Cherokee', ['የጠረጴዛ መብራት', 'ᠰᠢᠷᠡᠭᠡᠨ\u180b', 'ᎦᏍᎩᎶ']],
    [
      'model codes',
      ['ThinkPad X1C9 (21CB-00AXGE)', 'Bosch 0 986 424 797', 'E27/GU10', 'ISBN 978-3-16-148410-0', 'EAN 4006381333931', 'A#7'],
    ],
    [
      'sizes',
      ['Oak table, 160 × 90 cm', '12" shelf', "6' ladder", '½ l', '2,5 m²', '-20 °C bag', 'M8x40', '+2.50 glasses', '±5 %'],
    ],
    [
      'prices in the name',
      ['Desk lamp at 49', 'Dollar Store sign', '$100 bill puzzle', '100 Yen shop bag', 'Poster “5 € Coffee”'],
    ],
    [
      'points and signs',
      ['ASP.NET Core in Action', 'Node.js book', 'Mr.&Mrs. mugs', 'Lamp @ home', 'a/b: c; d!', 'C++', 'Dr. No', 'W.W.W. print'],
    ],
    ['emoji', ['👨‍👩‍👧 poster ❤️', '🎁', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 flag', '☕️ mug']],
    ['one character', ['A', '5', '茶', '#']],
  ])('%s', (_script, titles) => expect(titles.filter((text) => messageOf(text) !== undefined)).toEqual([]))

  it('up to its limit, without the blanks around it', () => {
    expect(title(200).parse('  Desk ')).toBe('Desk')
    expect([messageOf('台'.repeat(200)), messageOf('台'.repeat(201))?.length]).toEqual([undefined, 1])
  })
})

describe('a title is refused', () => {
  it.each([
    ['of two lines', 'Desk\nlamp', 'must be one line'],
    ['with a control character', 'Desk\u0007', 'must be one line'],
    ['with a line separator', 'Desk\u2028lamp', 'must be one line'],
    ['with a direction override', 'Desk \u202eeerf\u202c', 'must not hold characters that turn the direction of text'],
    ['with a direction isolate', '\u2067Desk\u2069', 'must not hold characters that turn the direction of text'],
    ['with half a character', 'Desk \ud83d', 'is not valid Unicode text'],
    ['of blank letters', '\u3164\u200b', 'must hold a character that can be seen'],
    ['with a link', 'Desk https://evil.example', 'must not hold a web or e-mail address'],
    ['with a link of its own scheme', 'Desk tg://resolve', 'must not hold a web or e-mail address'],
    ['with a host', 'Desk WWW.evil.example', 'must not hold a web or e-mail address'],
    ['with an e-mail address', 'Desk, ask me@evil.example', 'must not hold a web or e-mail address'],
    ['with an e-mail address in another script', 'Лампа я@почта.рф', 'must not hold a web or e-mail address'],
  ])('%s', (_what, text, message) => expect(messageOf(text)).toEqual([message]))
})
