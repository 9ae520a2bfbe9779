/// Elements and attributes that several views share.
[<AutoOpen>]
module internal Web.Giraffe.Views.Markup

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

/// Marks a part as English, left to right, on a page in any language.
let inEnglish = [ _lang "en"; _dir "ltr" ]

/// Names an element for screen readers.
let _named (key: string) = _ariaLabel (Texts.text key)

/// Returns a button for the script.
let scriptButton (look: string) (key: string) : XmlNode =
    button [ _type "button"; _class look ] [ str (Texts.text key) ]

/// Returns a switch for the script, with its label.
let switch (id: string) (key: string) : XmlNode =
    p
        [ _class "setting scripted" ]
        [
            input [ _type "checkbox"; _id id; _roleSwitch; _autocomplete "off" ]
            label [ _for id ] [ str (Texts.text key) ]
        ]

/// Returns the head of a table's column.
let column (key: string) : XmlNode =
    th [ _scope "col" ] [ str (Texts.text key) ]

/// Returns the row of a table's heads.
let columns (keys: string list) : XmlNode = tr [] (List.map column keys)

/// Names a cell on a narrow screen, where the table has no heads.
let _dataName (key: string) = attr "data-name" (Texts.text key)

/// Returns a square drawing, which screen readers skip. `size` is its side in units of the content.
let drawing (look: string) (size: int) (content: XmlNode list) : XmlNode =
    tag
        "svg"
        [
            _class look
            attr "viewBox" $"0 0 {size} {size}"
            _ariaHidden "true"
            attr "focusable" "false"
        ]
        content

/// Returns an icon of lines, 24 units wide.
let icon (path: string) : XmlNode =
    drawing "line-icon" 24 [ tag "path" [ attr "d" path ] [] ]
