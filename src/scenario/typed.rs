//! Single values of a checked tree, typed.

use super::value::{Data, Item, Value};
use super::{Entry, Map, RateLimit, Spanned, Window};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;

/// Entries in file order; those that read as nothing are left out.
pub(super) fn entries<T>(map: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Map<T> {
    let items = map.map_or(&[][..], Value::items);
    let entries = items.iter().filter_map(
        |Item {
             key,
             key_place,
             value,
         }| {
            Some(Entry {
                name: key.clone(),
                place: *key_place,
                value: read(value)?,
            })
        },
    );
    entries.collect()
}

/// The value with its place.
pub(super) fn spanned<T>(value: &Value, inner: Option<T>) -> Option<Spanned<T>> {
    inner.map(|inner| Spanned {
        value: inner,
        place: value.place,
    })
}

/// A record, or `none` in the place of one.
pub(super) fn or_none<T>(
    value: Option<&Value>,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Option<Spanned<Option<T>>> {
    let value = value?;
    let is_none = matches!(value.data, Data::Word(_));
    let inner = if is_none { None } else { Some(read(value)?) };
    spanned(value, Some(inner))
}

/// A text or a word.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match &value?.data {
        Data::Text(text) => Some(text.clone()),
        Data::Word(word) => Some((*word).to_owned()),
        _ => None,
    }
}

/// A name and where it stands.
pub(super) fn name(value: Option<&Value>) -> Option<Spanned<String>> {
    spanned(value?, text(value))
}

/// The names of a list.
pub(super) fn names(value: &Value) -> Vec<Spanned<String>> {
    let names = value.list().iter().filter_map(|value| name(Some(value)));
    names.collect()
}

/// A word of the language.
pub(super) fn word(value: Option<&Value>) -> Option<&'static str> {
    match value?.data {
        Data::Word(word) => Some(word),
        _ => None,
    }
}

/// `true` or `false`.
pub(super) fn boolean(value: Option<&Value>) -> Option<bool> {
    match value?.data {
        Data::Bool(value) => Some(value),
        _ => None,
    }
}

/// `true` or `false`, and where it stands.
pub(super) fn flag(value: Option<&Value>) -> Option<Spanned<bool>> {
    spanned(value?, boolean(value))
}

/// A count.
pub(super) fn count(value: Option<&Value>) -> Option<Spanned<u32>> {
    match value?.data {
        Data::Count(count) => spanned(value?, Some(count)),
        _ => None,
    }
}

/// A duration.
pub(super) fn span(value: Option<&Value>) -> Option<Spanned<Duration>> {
    match value?.data {
        Data::Duration(span) => spanned(value?, Some(span)),
        _ => None,
    }
}

/// A share.
pub(super) fn share(value: Option<&Value>) -> Option<Spanned<f64>> {
    match value?.data {
        Data::Share(share) | Data::Quantile(share) => spanned(value?, Some(share)),
        _ => None,
    }
}

/// A rate.
pub(super) fn rate(value: Option<&Value>) -> Option<Spanned<f64>> {
    match value?.data {
        Data::Rate(rate) => spanned(value?, Some(rate)),
        _ => None,
    }
}

/// A rate limit: a rate, or all that is written of it.
pub(super) fn limit(value: Option<&Value>) -> Option<Spanned<RateLimit>> {
    let (burst, window) = (None, None);
    let limit = match rate(value) {
        Some(Spanned { value: rate, .. }) => RateLimit {
            rate,
            burst,
            window,
        },
        None => {
            let value = value?;
            let span = span(value.get("window")).map_or(Duration::SECOND, |span| span.value);
            RateLimit {
                rate: rate(value.get("rate"))?.value,
                burst: count(value.get("burst")).map(|n| n.value),
                window: match word(value.get("algorithm")) {
                    Some("fixed_window") => Some((Window::Fixed, span)),
                    Some("sliding_window") => Some((Window::Sliding, span)),
                    _ => None,
                },
            }
        }
    };
    spanned(value?, Some(limit))
}

/// A size in bytes, or a throughput in bytes per second.
pub(super) fn bytes(value: Option<&Value>) -> Option<u64> {
    match value?.data {
        Data::Size(bytes) | Data::Throughput(bytes) => Some(bytes),
        _ => None,
    }
}

/// A distribution.
pub(super) fn dist(value: &Value) -> Option<Spanned<Dist>> {
    match &value.data {
        Data::Dist(fitted) => spanned(value, Some(fitted.dist.clone())),
        _ => None,
    }
}
