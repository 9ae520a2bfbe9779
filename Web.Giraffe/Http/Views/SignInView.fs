/// The page that asks for a key, if `Api:Keys` are set. It needs no script.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.SignInView

open Giraffe.ViewEngine
open Web.Giraffe

let private form' =
    form
        [ _class "add"; _method "post"; _action "/sign-in" ]
        [
            label [ _for "key" ] [ Layout.text "signin.key" ]
            input
                [
                    _id "key"
                    _name "key"
                    _type "password"
                    _autocomplete "current-password"
                    attr "autocapitalize" "none"
                    _spellcheck "false"
                    _required
                ]
            button [ _type "submit" ] [ Layout.text "signin.submit" ]
        ]

/// Returns the page. `problem` is the reason why the last attempt failed.
let page assets (problem: Problem option) : XmlNode =
    Layout.page
        assets
        "/"
        [ "workers/workers.css"; "common.js" ]
        (Layout.titled "signin.title")
        [
            section
                [ _class "narrow" ]
                [
                    h1 [] [ Layout.text "signin.title" ]
                    p [ _class "lead" ] [ Layout.text "signin.lead" ]
                    yield!
                        problem
                        |> Option.map (fun problem -> Layout.words problem ||> Layout.notice Layout.Bad)
                        |> Option.toList
                    form'
                    p [ _class "fine" ] [ Layout.text "signin.stay" ]
                ]
        ]

/// The sign-out button at the end of the upload page.
let signOut () : XmlNode =
    form
        [ _class "ways"; _method "post"; _action "/sign-out" ]
        [ button [ _type "submit"; _class "quiet small" ] [ Layout.text "signin.out" ] ]
