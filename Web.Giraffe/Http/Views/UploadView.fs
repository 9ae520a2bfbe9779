/// The viewfinder on the upload page, with the ways to choose a picture.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.UploadView

open Giraffe.ViewEngine
open Web.Giraffe

let private icon =
    tag
        "svg"
        [
            _class "icon"
            attr "viewBox" "0 0 48 48"
            attr "aria-hidden" "true"
            attr "focusable" "false"
        ]
        [
            tag "rect" [ attr "x" "7"; attr "y" "10"; _width "34"; _height "28"; attr "rx" "4" ] []
            tag "circle" [ attr "cx" "17"; attr "cy" "19"; attr "r" "3.2" ] []
            tag "path" [ attr "d" "M8 34l10-9 7 6 6-7 9 9" ] []
        ]

let private byScript = _class "scripted"

/// Returns the size above which `home.js` shrinks pictures: 2 MB, or the server's limit if that is less.
let private shrinks (maxBytes: int) =
    if maxBytes < 2_000_000 then
        Upload.megabytes maxBytes
    else
        "2 MB"

let private settings (maxBytes: int) =
    p
        [ _class "setting scripted" ]
        [
            input
                [
                    _type "checkbox"
                    _id "shrink"
                    attr "role" "switch"
                    attr "aria-describedby" "shrink-says"
                ]
            label [ _for "shrink" ] [ str "Shrink large photographs" ]
            span
                [ _id "shrink-says"; _class "fine" ]
                [ str $"Those over {shrinks maxBytes} go out smaller, with the same answer." ]
        ]

/// `maxBytes` is the server's limit; `chosen` is the preselected model. `keyed` is whether programs need a key; if so, the page's `curl` lines have a
/// place for one.
let upload (maxBytes: int) (keyed: bool) (models: ModelsView.Offer) (chosen: string) =
    let accept = _accept (String.concat "," ImageFormat.mediaTypes)

    form
        [
            _id "upload"
            _class "frame"
            _method "post"
            _action "/"
            _enctype "multipart/form-data"
            attr "data-max" (string maxBytes)
            attr "data-titles" (ModelsView.titles models)
            if keyed then
                attr "data-keyed" ""
        ]
        [
            icon
            // Before the file: the server reads the fields in their order.
            div [ _class "models" ] (ModelsView.select models "model" "" chosen @ ModelsView.comparison models)
            div
                [ _class "pick" ]
                [
                    input
                        [
                            _id "file"
                            _name "file"
                            _type "file"
                            accept
                            attr "aria-describedby" "formats"
                        ]
                    label
                        [ _for "file"; _class "choose" ]
                        [
                            span [ byScript ] [ str "Choose pictures" ]
                            span [ _class "unscripted" ] [ str "Choose a picture" ]
                        ]
                    input
                        [
                            _id "camera"
                            _type "file"
                            _accept "image/*"
                            attr "capture" "environment"
                            byScript
                        ]
                    label [ _for "camera"; _class "choose quiet shoot scripted" ] [ str "Take a picture" ]
                    button [ _type "submit"; _class "send" ] [ str "Recognize" ]
                ]
            div
                [ _class "hints" ]
                [
                    p [ _class "hint" ] [ str "or drop them anywhere on this page, or paste one" ]
                    p
                        [ _id "formats"; _class "fine" ]
                        [
                            str $"{ImageFormat.names}, up to "
                            span [ _id "limit" ] [ str (Upload.megabytes maxBytes) ]
                        ]
                ]
            settings maxBytes
        ]
