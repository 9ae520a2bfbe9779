/// The page that asks for a key, if `Api:Keys` are set. It needs no script.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.SignInView

open Giraffe.ViewEngine
open Web.Giraffe

let private form' =
    form
        [ _class "add"; _method "post"; _action "/sign-in" ]
        [
            label [ _for "key" ] [ str "Key" ]
            input
                [
                    _id "key"
                    _name "key"
                    _type "password"
                    attr "autocomplete" "current-password"
                    attr "autocapitalize" "none"
                    attr "spellcheck" "false"
                    attr "required" "required"
                ]
            button [ _type "submit" ] [ str "Sign in" ]
        ]

/// Returns the page. `problem` is the reason why the last attempt failed.
let page assets (problem: Problem option) : XmlNode =
    Layout.page
        assets
        "/"
        [ "workers.css"; "common.js" ]
        "Sign in · Recognition"
        [
            section
                [ _class "narrow" ]
                [
                    h1 [] [ str "Sign in" ]
                    p
                        [ _class "lead" ]
                        [
                            str "This service needs a key. Ask its operator for one, then enter it here."
                        ]
                    yield!
                        problem
                        |> Option.map (fun problem -> Layout.notice Layout.Bad problem.Title problem.Detail)
                        |> Option.toList
                    form'
                    p
                        [ _class "fine" ]
                        [
                            str "You stay signed in for twelve hours, or until you close the browser or sign out."
                        ]
                ]
        ]

/// The sign-out button at the end of the upload page.
let signOut: XmlNode =
    form
        [ _class "ways"; _method "post"; _action "/sign-out" ]
        [ button [ _type "submit"; _class "quiet small" ] [ str "Sign out" ] ]
