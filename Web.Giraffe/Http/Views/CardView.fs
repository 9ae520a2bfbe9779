/// The templates that the script copies and fills, once for each picture.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.CardView

open Giraffe.ViewEngine

let private hidden = attr "hidden" "hidden"

/// The picture, covered by the map of the selected class.
let private shot =
    div
        [ _class "shot" ]
        [
            div
                [ _class "picture" ]
                [
                    tag "canvas" [ _class "thumb"; attr "role" "img" ] []
                    tag "canvas" [ _class "heat"; attr "aria-hidden" "true"; hidden ] []
                ]
        ]

let private why =
    div
        [ _class "why"; hidden ]
        [
            p
                [ _class "tip" ]
                [
                    span [ _class "pointed" ] [ str "Point at a name to see where it was seen." ]
                    span [ _class "tapped" ] [ str "Tap a name to see where it was seen." ]
                ]
            div
                [ _class "legend"; hidden ]
                [
                    p [] [ b [] []; str ", seen most "; span [ _class "where" ] [] ]
                    p [ _class "scale" ] [ str "little "; span [ _class "ramp" ] []; str " much" ]
                ]
        ]

/// The card of a picture, from its selection to its answer.
let card: XmlNode =
    tag
        "template"
        [ _id "card" ]
        [
            li
                [ _class "card"; attr "data-state" "waiting" ]
                [
                    shot
                    div
                        [ _class "told" ]
                        [
                            p [ _class "subject" ] [ span [ _class "name" ] []; str " "; span [ _class "size" ] [] ]
                            p [ _class "by"; hidden ] []
                            p [ _class "note fine"; hidden ] []
                            div
                                [ _class "notice bad failure"; hidden ]
                                [
                                    strong [] []
                                    p [] []
                                    button [ _type "button"; _class "quiet small again" ] [ str "Try again" ]
                                ]
                            div
                                [ _class "working"; hidden ]
                                [
                                    label [] [ span [ _class "doing" ] []; progress [ attr "max" "1"; _value "0" ] [] ]
                                    button [ _type "button"; _class "quiet small cancel" ] [ str "Cancel" ]
                                ]
                            div [ _class "found" ] []
                            why
                        ]
                    button [ _type "button"; _class "remove" ] [ span [ attr "aria-hidden" "true" ] [ str "×" ] ]
                ]
        ]

/// A row of the history.
let past: XmlNode =
    tag
        "template"
        [ _id "past" ]
        [
            li
                []
                [
                    img [ _alt ""; _width "56"; _height "56" ]
                    span [ _class "label" ] []
                    span [ _class "sure" ] []
                    span [ _class "from" ] []
                    time [] []
                ]
        ]
